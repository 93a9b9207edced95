import RunStore
import Testing

/// The examples of FIPS 180-4 and of the Cryptographic Algorithm Validation Program.
struct SHA256Tests {
    @Test("published hashes", arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func published(text: String, hash: String) {
        #expect(SHA256.hexadecimal(text.utf8) == hash)
    }

    @Test func `a million times a`() {
        #expect(
            SHA256.hexadecimal([UInt8](repeating: 97, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `bytes may come in pieces`() {
        let bytes = (0..<200).map { UInt8($0) }
        for cut in [0, 1, 55, 56, 63, 64, 65, 200] {
            var hash = SHA256()
            hash.update(bytes[..<cut])
            hash.update(bytes[cut...])
            #expect(hash.finish() == SHA256.hexadecimal(bytes), "\(cut)")
        }
    }
}
