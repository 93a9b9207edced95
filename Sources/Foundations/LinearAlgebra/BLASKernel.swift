internal import CLAPACKE

/// The kernel of OpenBLAS: its code for one family of processors.
extension BLASLibrary {
    /// The name of the kernel in use, e.g. `SkylakeX`.
    public static var kernel: String { String(cString: openblas_get_corename()) }

    /// Kernels that use neither AVX2 nor FMA.
    private static let old: Set = [
        "Katmai", "Coppermine", "Northwood", "Banias", "Prescott", "Core2", "Penryn", "Dunnington",
        "Atom", "Nehalem", "Sandybridge", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat",
        "Bulldozer", "Piledriver", "Steamroller", "Nano",
    ]

    /// Replaces a kernel without AVX2 by one that suits the processor.
    ///
    /// A build of OpenBLAS does not know processors that are newer than itself, and takes one of its
    /// oldest kernels for some of them, which on a processor with AVX-512 is four times slower than
    /// need be. Here the widest kernel is tried first, and kept if `computesExactly`. Nothing changes
    /// where the user has set `OPENBLAS_CORETYPE`, where the kernel is as new as AVX2, or in builds
    /// with a single kernel.
    ///
    /// The setting belongs to the process: call it once, at the start, before any other thread
    /// computes. It takes less than a millisecond.
    public static func replaceOutdatedKernel() {
        guard getenv("OPENBLAS_CORETYPE") == nil, openblas_kernel_is_selectable() != 0 else { return }
        let original = kernel
        let level = vector_level()
        guard old.contains(original), level >= 2 else { return }
        for candidate in level >= 3 ? ["SkylakeX", "Haswell"] : ["Haswell"] {
            select_openblas_kernel(candidate)
            if kernel == candidate && computesExactly() { return }
        }
        select_openblas_kernel(original)
    }

    /// Whether products, factorizations and triangular solves of small integers are right to the last
    /// bit, as they must be in any order of summation: everything that occurs is a small integer.
    ///
    /// Orders lie on both sides of the widths at which kernels change their loops.
    package static func computesExactly() -> Bool {
        [1, 3, 8, 17, 40, 67].allSatisfy { order in
            var state: UInt32 = 1
            func entry() -> Double {
                state = state &* 1_664_525 &+ 1_013_904_223
                return Double(state >> 30) - 1
            }
            let a = Matrix<Double>(rows: order, columns: order) { _, _ in entry() }
            let x = Matrix<Double>(rows: order, columns: 1) { _, _ in entry() }
            // Unit diagonals keep roots and quotients whole.
            let l = Matrix<Double>(rows: order, columns: order) { i, j in
                i == j ? 1 : i > j ? (i + 2 * j) % 5 == 0 ? entry() : 0 : 0
            }
            return productsAreExact(a, x) && factorizationIsExact(l, a)
        }
    }

    private static func productsAreExact(_ a: Matrix<Double>, _ x: Matrix<Double>) -> Bool {
        let order = a.rows
        for transposition in [Transposition.none, .transposed] {
            func entry(_ i: Int, _ k: Int) -> Double {
                transposition == .none ? a[i, k] : a[k, i]
            }
            var product = a
            product.assignProduct(a, transposition, a)
            var symmetric = a
            symmetric.assignSymmetricProduct(a, transposition)
            var image = x
            image.assignProduct(a, transposition, x)
            for i in 0..<order {
                var sum = 0.0
                for k in 0..<order { sum += entry(i, k) * x[k, 0] }
                guard image[i, 0] == sum else { return false }
                for j in 0..<order {
                    var (general, square) = (0.0, 0.0)
                    for k in 0..<order {
                        general += entry(i, k) * a[k, j]
                        square += entry(i, k) * entry(j, k)
                    }
                    guard product[i, j] == general, i < j || symmetric[i, j] == square else {
                        return false
                    }
                }
            }
        }
        return true
    }

    private static func factorizationIsExact(_ l: Matrix<Double>, _ a: Matrix<Double>) -> Bool {
        let order = l.rows
        var square = Matrix<Double>(rows: order, columns: order)
        var right = square
        for j in 0..<order {
            for i in 0..<order {
                for k in 0...min(i, j) { square[i, j] += l[i, k] * l[j, k] }
                for k in 0...i { right[i, j] += l[i, k] * a[k, j] }
            }
        }
        guard (try? LAPACK.factorizeCholesky(&square)) != nil else { return false }
        LAPACK.solveTriangular(square, .none, &right)
        return right == a
            && (0..<order).allSatisfy { j in (j..<order).allSatisfy { square[$0, j] == l[$0, j] } }
    }
}
