internal import CLAPACKE

/// Products small enough for the kernels of OpenBLAS that read both factors where they lie.
extension BLASLibrary {
    /// How many columns of the right factor to multiply at once in a single-precision product
    /// `m×k · k×n` of untransposed factors, the left one at `a`.
    ///
    /// From a million multiplications on OpenBLAS copies both factors into its own layout at every
    /// call. Inference multiplies the same weights again and again; copying took a sixth of its
    /// products' time. In slices of columns below that size the AVX-512 kernels compute in place,
    /// which was measured to be quicker where `a` begins a cache line, its columns fill vectors, and
    /// slices have 8 columns or more. With `k` within one block of the copying kernel the sums have
    /// the same order either way, so slices change no bit of the result.
    static func columnsAtOnce(_ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>) -> Int {
        guard
            m % vectorWidth == 0, k <= copiedBlock, m * n * k > largestInPlace,
            Int(bitPattern: a) % cacheLine == 0, multipliesInPlace
        else { return n }
        let columns = min(12, largestInPlace / (m * k)) & ~3
        return columns >= 8 ? columns : n
    }

    /// The length of a cache line in bytes.
    static let cacheLine = 64
    private static let vectorWidth = 16
    private static let copiedBlock = 320
    private static let largestInPlace = 1_000_000

    /// Whether kernel and version have products in place; looked up once, at the first product.
    private static let multipliesInPlace: Bool = {
        let version = String(cString: openblas_get_config()).split(separator: " ").dropFirst().first ?? ""
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        return ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(kernel)
            && !numbers.lexicographicallyPrecedes([0, 3, 17])
    }()
}
