internal import CLAPACKE

/// Cholesky factorization and triangular solves of raw column-major storage, in panels of 16 columns.
///
/// The inverses of the panels' diagonal blocks are kept, so that almost all work is matrix products;
/// LAPACK's own routines spend most of their time in small triangular solves at these orders. Where a
/// diagonal block is so ill conditioned that its inverse would lose digits, substitution is used.
/// Orders up to one panel need no call of BLAS at all.
enum BlockedCholesky {
    static let panel = 16
    /// Two panels, which take from the columns after them what those before have computed.
    private static let wide = 32
    /// Numbers kept for one panel: the inverse, column-major, and whether it may be used.
    private static let stride = panel * panel + 1

    /// The order beyond which LAPACK's wider panels are faster.
    private static let panelLimit = 384

    /// How many numbers the inverses of an order take.
    static func inverseCount(order: Int) -> Int { (order + panel - 1) / panel * stride }

    /// `A ← L` in the lower triangle, of order and leading dimension `n`.
    ///
    /// - Parameters:
    ///   - columns: how many right-hand sides are to follow at a time. For few of them a block of one panel
    ///     is solved by substitution, and its inverse not computed.
    ///   - inverses: room for `inverseCount(order: n)` numbers.
    ///   - scratch: room for `16n` numbers.
    /// - Returns: 0, or the order of the first leading minor that is not positive.
    static func factorize(
        _ n: Int, _ a: UnsafeMutablePointer<Double>, solving columns: Int,
        _ inverses: UnsafeMutablePointer<Double>, _ scratch: UnsafeMutablePointer<Double>
    ) -> Int {
        if n <= panel && columns <= panel {
            inverses[panel * panel] = 0
            return factorizeCorner(n, a, n)
        }
        if n > panelLimit { return factorizeByLAPACK(n, a, inverses) }
        for start in Swift.stride(from: 0, to: n, by: wide) {
            let end = min(n, start + wide)
            subtract(n, a, columns: start..<end, earlier: 0..<start)
            for k in Swift.stride(from: start, to: end, by: panel) {
                let width = min(panel, n - k)
                subtract(n, a, columns: k..<(k + width), earlier: start..<k)
                let inverse = inverses + k / panel * stride
                let minor = factorizeCorner(width, a + k + k * n, n)
                if minor > 0 { return k + minor }
                invert(width, a + k + k * n, n, into: inverse)
                solvePanel(n, a, k, width, inverse, scratch)
            }
        }
        return 0
    }

    /// What earlier columns of `L` take from these, on and below the diagonal.
    private static func subtract(
        _ n: Int, _ a: UnsafeMutablePointer<Double>, columns: Range<Int>, earlier: Range<Int>
    ) {
        if earlier.isEmpty { return }
        let (k, source) = (columns.lowerBound, a + earlier.lowerBound * n)
        Double._gemm(
            .none, .transposed, n - k, columns.count, earlier.count, -1, source + k, n, source + k,
            n, 1, a + k + k * n, n)
    }

    /// The rows of `L` below the diagonal block of a panel.
    private static func solvePanel(
        _ n: Int, _ a: UnsafeMutablePointer<Double>, _ k: Int, _ width: Int,
        _ inverse: UnsafePointer<Double>, _ scratch: UnsafeMutablePointer<Double>
    ) {
        let height = n - k - width
        let (corner, below) = (a + k + k * n, a + k + width + k * n)
        if height == 0 { return }
        if inverse[panel * panel] == 0 {
            cblas_dtrsm(
                CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(height),
                blasint(width), 1, corner, blasint(n), below, blasint(n))
            return
        }
        for j in 0..<width {
            (scratch + j * height).update(from: below + j * n, count: height)
        }
        Double._gemm(
            .none, .transposed, height, width, width, 1, scratch, height, inverse, panel, 0, below,
            n)
    }

    private static func factorizeByLAPACK(
        _ n: Int, _ a: UnsafeMutablePointer<Double>, _ inverses: UnsafeMutablePointer<Double>
    ) -> Int {
        let info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, LAPACK.lower, LapackInt(n), a, LapackInt(n))
        if info != 0 { return max(1, Int(info)) }
        for k in Swift.stride(from: 0, to: n, by: panel) {
            let width = min(panel, n - k)
            let corner = a + k + k * n
            // OpenBLAS lets a NaN pivot pass, which an overflow of finite entries can produce.
            for j in 0..<width where !corner[j + j * n].isFinite { return k + j + 1 }
            invert(width, corner, n, into: inverses + k / panel * stride)
        }
        return 0
    }

    /// `B ← L⁻¹B` for `columns` right-hand sides, by recursion on halves of `L`.
    ///
    /// - Parameter scratch: room for `16 · columns` numbers.
    static func solve(
        _ n: Int, _ l: UnsafePointer<Double>, leading: Int, _ inverses: UnsafePointer<Double>,
        _ b: UnsafeMutablePointer<Double>, leadingB: Int, columns: Int,
        _ scratch: UnsafeMutablePointer<Double>
    ) {
        if n <= panel {
            guard columns > panel, inverses[panel * panel] != 0 else {
                return substitute(n, l, leading, b, leadingB, columns)
            }
            for j in 0..<columns { (scratch + j * n).update(from: b + j * leadingB, count: n) }
            Double._gemm(
                .none, .none, n, columns, n, 1, inverses, panel, scratch, n, 0, b, leadingB)
            return
        }
        let half = (n / 2 + panel - 1) / panel * panel
        solve(half, l, leading: leading, inverses, b, leadingB: leadingB, columns: columns, scratch)
        Double._gemm(
            .none, .none, n - half, columns, half, -1, l + half, leading, b, leadingB, 1, b + half,
            leadingB)
        solve(
            n - half, l + half + half * leading, leading: leading,
            inverses + half / panel * stride, b + half, leadingB: leadingB, columns: columns,
            scratch)
    }

    /// `C ← C − XᵀX`, the lower triangle of order `n`, for `X` with `k` rows.
    static func subtractSquare(
        _ n: Int, _ k: Int, _ x: UnsafePointer<Double>, _ c: UnsafeMutablePointer<Double>
    ) {
        guard n <= panel, k <= panel else {
            cblas_dsyrk(
                CblasColMajor, CblasLower, CblasTrans, blasint(n), blasint(k), -1, x, blasint(k), 1,
                c, blasint(n))
            return
        }
        for j in 0..<n {
            for i in j..<n { c[i + j * n] -= dot(k, x + i * k, x + j * k) }
        }
    }

    /// In four independent sums, so that additions need not wait for each other.
    @inline(__always)
    private static func dot(
        _ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>
    ) -> Double {
        var sums = SIMD4<Double>(repeating: 0)
        let whole = n & ~3
        for l in Swift.stride(from: 0, to: whole, by: 4) {
            sums += UnsafeRawPointer(x + l).loadUnaligned(as: SIMD4<Double>.self)
                * UnsafeRawPointer(y + l).loadUnaligned(as: SIMD4<Double>.self)
        }
        var sum = sums.sum()
        for l in whole..<n { sum += x[l] * y[l] }
        return sum
    }

    /// Column by column; a pivot that is not a positive finite number ends it.
    private static func factorizeCorner(
        _ n: Int, _ a: UnsafeMutablePointer<Double>, _ leading: Int
    ) -> Int {
        if n == panel { return factorizeFullCorner(a, leading) }
        for j in 0..<n {
            let column = a + j * leading
            let pivot = column[j]
            guard pivot > 0, pivot < .infinity else { return j + 1 }
            let root = pivot.squareRoot()
            column[j] = root
            let reciprocal = 1 / root
            for i in (j + 1)..<max(n, j + 1) { column[i] *= reciprocal }
            for k in (j + 1)..<max(n, j + 1) {
                let (factor, target) = (column[k], a + k * leading)
                for i in k..<n { target[i] -= factor * column[i] }
            }
        }
        return 0
    }

    /// The same for a whole panel, in vectors; the strict upper triangle is overwritten.
    private static func factorizeFullCorner(
        _ a: UnsafeMutablePointer<Double>, _ leading: Int
    ) -> Int {
        func vector(_ j: Int) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(a + j * leading) }
        for j in 0..<panel {
            let pivot = a[j + j * leading]
            guard pivot > 0, pivot < .infinity else { return j + 1 }
            let root = pivot.squareRoot()
            let column = vector(j).loadUnaligned(as: SIMD16<Double>.self) * (1 / root)
            vector(j).storeBytes(of: column, as: SIMD16<Double>.self)
            a[j + j * leading] = root
            for k in (j + 1)..<max(panel, j + 1) {
                let target = vector(k).loadUnaligned(as: SIMD16<Double>.self)
                vector(k).storeBytes(
                    of: target - a[k + j * leading] * column, as: SIMD16<Double>.self)
            }
        }
        return 0
    }

    /// The inverse of a lower triangle of at most one panel, and whether it may be used: it loses as
    /// many digits as the product of the largest entries of `L` and `L⁻¹` has.
    private static func invert(
        _ n: Int, _ l: UnsafePointer<Double>, _ leading: Int,
        into inverse: UnsafeMutablePointer<Double>
    ) {
        var (largest, largestInverse) = (0.0, 0.0)
        for j in 0..<n {
            let column = inverse + j * panel
            column.update(repeating: 0, count: n)
            column[j] = 1
            for k in j..<n {
                let source = l + k * leading
                let value = column[k] / source[k]
                column[k] = value
                for i in (k + 1)..<max(n, k + 1) { column[i] -= value * source[i] }
            }
            for i in j..<n {
                largest = max(largest, abs(l[i + j * leading]))
                largestInverse = max(largestInverse, abs(column[i]))
            }
        }
        inverse[panel * panel] = largest * largestInverse < 1e4 ? 1 : 0
    }

    private static func substitute(
        _ n: Int, _ l: UnsafePointer<Double>, _ leading: Int, _ b: UnsafeMutablePointer<Double>,
        _ leadingB: Int, _ columns: Int
    ) {
        let whole = columns & ~3
        // Four at a time, as each must wait for its own divisions.
        for j in Swift.stride(from: 0, to: whole, by: 4) {
            let (x0, x1) = (b + j * leadingB, b + (j + 1) * leadingB)
            let (x2, x3) = (b + (j + 2) * leadingB, b + (j + 3) * leadingB)
            for k in 0..<n {
                let source = l + k * leading
                let values = SIMD4(x0[k], x1[k], x2[k], x3[k]) / source[k]
                (x0[k], x1[k], x2[k], x3[k]) = (values[0], values[1], values[2], values[3])
                for i in (k + 1)..<max(n, k + 1) {
                    x0[i] -= values[0] * source[i]
                    x1[i] -= values[1] * source[i]
                    x2[i] -= values[2] * source[i]
                    x3[i] -= values[3] * source[i]
                }
            }
        }
        for j in whole..<columns {
            let x = b + j * leadingB
            for k in 0..<n {
                let source = l + k * leading
                let value = x[k] / source[k]
                x[k] = value
                for i in (k + 1)..<max(n, k + 1) { x[i] -= value * source[i] }
            }
        }
    }

    /// `x ← L⁻¹x` or `L⁻ᵀx` for one vector.
    static func solve(
        _ n: Int, _ l: UnsafePointer<Double>, _ transpose: Transposition,
        _ x: UnsafeMutablePointer<Double>
    ) {
        guard n <= panel else {
            cblas_dtrsv(
                CblasColMajor, CblasLower, transpose == .none ? CblasNoTrans : CblasTrans,
                CblasNonUnit, blasint(n), l, blasint(n), x, 1)
            return
        }
        if transpose == .none { return substitute(n, l, n, x, n, 1) }
        for k in Swift.stride(from: n - 1, through: 0, by: -1) {
            let column = l + k * n
            var value = x[k]
            for i in (k + 1)..<max(n, k + 1) { value -= column[i] * x[i] }
            x[k] = value / column[k]
        }
    }
}
