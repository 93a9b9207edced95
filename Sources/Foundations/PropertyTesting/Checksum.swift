/// The 32-bit cyclic redundancy check of Ethernet and zip (reflected polynomial EDB88320): it detects every single
/// mistyped character of a token and misses other damage once in 2³².
package func cyclicRedundancyCheck32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
        remainder ^= UInt32(byte)
        for _ in 0..<8 {
            remainder = (remainder >> 1) ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
        }
    }
    return ~remainder
}
