internal import CLAPACKE
public import RealModule

/// A scalar type for which BLAS has kernels: `Float` and `Double`, and no other.
///
/// The underscored requirements are the raw kernels, on column-major storage: those of BLAS with the argument order of
/// CBLAS, and those of `CVectorKernels`. They trust their pointers; `Matrix` is the checked way to them.
public protocol BLASScalar: Real, BinaryFloatingPoint, Sendable, Codable {
    static func _gemm(
        _ transposeA: Transposition, _ transposeB: Transposition, _ m: Int, _ n: Int, _ k: Int,
        _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
        _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
    static func _gemv(
        _ transposeA: Transposition, _ m: Int, _ n: Int, _ alpha: Self,
        _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
        _ beta: Self, _ y: UnsafeMutablePointer<Self>)
    static func _ger(
        _ m: Int, _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
        _ a: UnsafeMutablePointer<Self>, _ lda: Int)
    static func _syrk(
        _ transpose: Transposition, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
        _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
    static func _axpy(
        _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
    static func _scal(_ n: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>)
    static func _dot(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self
    static func _nrm2(_ n: Int, _ x: UnsafePointer<Self>) -> Self
    static func _columnDots(
        _ a: UnsafePointer<Self>, _ stride: Int, _ columns: UnsafePointer<Int32>, _ count: Int,
        _ x: UnsafePointer<Self>, _ dots: UnsafeMutablePointer<Self>)
    static func _addColumns(
        _ a: UnsafePointer<Self>, _ stride: Int, _ columns: UnsafePointer<Int32>, _ count: Int,
        _ factors: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
    static func _listNonzero(
        _ x: UnsafePointer<Self>, _ first: Int, _ end: Int, _ listed: UnsafeMutablePointer<Int32>) -> Int
    static func _adamStep(
        _ size: Self, _ epsilon: Self, _ keepMean: Self, _ keepSquare: Self, _ factors: UnsafePointer<Self>,
        _ direction: UnsafePointer<Self>, _ rows: Int, _ columns: Int, _ means: UnsafeMutablePointer<Self>,
        _ squares: UnsafeMutablePointer<Self>, _ weights: UnsafeMutablePointer<Self>) -> Double
}

/// Whether a factor of a product is used as it is or transposed.
public enum Transposition: Sendable {
    case none, transposed
}

extension Transposition {
    fileprivate var cblas: CBLAS_TRANSPOSE { self == .none ? CblasNoTrans : CblasTrans }
}

extension Double: BLASScalar {
    public static func _gemm(
        _ transposeA: Transposition, _ transposeB: Transposition, _ m: Int, _ n: Int, _ k: Int,
        _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>,
        _ ldb: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
    ) {
        cblas_dgemm(
            CblasColMajor, transposeA.cblas, transposeB.cblas, blasint(m), blasint(n), blasint(k),
            alpha, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
    }

    public static func _gemv(
        _ transposeA: Transposition, _ m: Int, _ n: Int, _ alpha: Double,
        _ a: UnsafePointer<Double>, _ lda: Int, _ x: UnsafePointer<Double>,
        _ beta: Double, _ y: UnsafeMutablePointer<Double>
    ) {
        cblas_dgemv(
            CblasColMajor, transposeA.cblas, blasint(m), blasint(n), alpha, a, blasint(lda), x, 1,
            beta, y, 1)
    }

    public static func _ger(
        _ m: Int, _ n: Int, _ alpha: Double, _ x: UnsafePointer<Double>,
        _ y: UnsafePointer<Double>, _ a: UnsafeMutablePointer<Double>, _ lda: Int
    ) {
        cblas_dger(CblasColMajor, blasint(m), blasint(n), alpha, x, 1, y, 1, a, blasint(lda))
    }

    public static func _syrk(
        _ transpose: Transposition, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
        _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
    ) {
        cblas_dsyrk(
            CblasColMajor, CblasLower, transpose.cblas, blasint(n), blasint(k), alpha, a, blasint(lda), beta, c, blasint(ldc))
    }

    public static func _axpy(
        _ n: Int, _ alpha: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
    ) {
        cblas_daxpy(blasint(n), alpha, x, 1, y, 1)
    }

    public static func _scal(_ n: Int, _ alpha: Double, _ x: UnsafeMutablePointer<Double>) {
        cblas_dscal(blasint(n), alpha, x, 1)
    }

    public static func _dot(
        _ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>
    ) -> Double {
        cblas_ddot(blasint(n), x, 1, y, 1)
    }

    public static func _nrm2(_ n: Int, _ x: UnsafePointer<Double>) -> Double {
        cblas_dnrm2(blasint(n), x, 1)
    }
}

extension Float: BLASScalar {
    public static func _gemm(
        _ transposeA: Transposition, _ transposeB: Transposition, _ m: Int, _ n: Int, _ k: Int,
        _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>,
        _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        let isPlain = transposeA == .none && transposeB == .none
        let columns = isPlain ? BLASLibrary.columnsAtOnce(m, n, k, a) : n
        for first in stride(from: 0, to: n, by: max(1, columns)) {
            cblas_sgemm(
                CblasColMajor, transposeA.cblas, transposeB.cblas, blasint(m),
                blasint(min(columns, n - first)), blasint(k), alpha, a, blasint(lda),
                b + first * ldb, blasint(ldb), beta, c + first * ldc, blasint(ldc))
        }
    }

    public static func _gemv(
        _ transposeA: Transposition, _ m: Int, _ n: Int, _ alpha: Float,
        _ a: UnsafePointer<Float>, _ lda: Int, _ x: UnsafePointer<Float>,
        _ beta: Float, _ y: UnsafeMutablePointer<Float>
    ) {
        cblas_sgemv(
            CblasColMajor, transposeA.cblas, blasint(m), blasint(n), alpha, a, blasint(lda), x, 1,
            beta, y, 1)
    }

    public static func _ger(
        _ m: Int, _ n: Int, _ alpha: Float, _ x: UnsafePointer<Float>,
        _ y: UnsafePointer<Float>, _ a: UnsafeMutablePointer<Float>, _ lda: Int
    ) {
        cblas_sger(CblasColMajor, blasint(m), blasint(n), alpha, x, 1, y, 1, a, blasint(lda))
    }

    public static func _syrk(
        _ transpose: Transposition, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
        _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        cblas_ssyrk(
            CblasColMajor, CblasLower, transpose.cblas, blasint(n), blasint(k), alpha, a, blasint(lda), beta, c, blasint(ldc))
    }

    public static func _axpy(
        _ n: Int, _ alpha: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
    ) {
        cblas_saxpy(blasint(n), alpha, x, 1, y, 1)
    }

    public static func _scal(_ n: Int, _ alpha: Float, _ x: UnsafeMutablePointer<Float>) {
        cblas_sscal(blasint(n), alpha, x, 1)
    }

    public static func _dot(
        _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>
    ) -> Float {
        cblas_sdot(blasint(n), x, 1, y, 1)
    }

    public static func _nrm2(_ n: Int, _ x: UnsafePointer<Float>) -> Float {
        cblas_snrm2(blasint(n), x, 1)
    }
}
