internal import LinearAlgebra

/// Anderson acceleration of a fixed-point iteration `x ← g(x)` in a few dimensions.
///
/// The next point is the affine combination of the last images whose residuals `g(x) − x` combine
/// to the shortest vector (Walker and Ni, SIAM J. Numer. Anal. 49, 2011). In one dimension it is the
/// secant method.
struct AndersonAcceleration {
    let depth: Int
    private var points: [[Double]] = []
    private var images: [[Double]] = []

    init(depth: Int) { self.depth = depth }

    /// The point to try after `image = g(point)`.
    mutating func next(point: [Double], image: [Double]) -> [Double] {
        points.append(point)
        images.append(image)
        if points.count > depth + 1 {
            points.removeFirst()
            images.removeFirst()
        }
        let last = points.count - 1
        guard last > 0 else { return image }
        let residual = difference(image, point)
        let residualSteps = (0..<last).map {
            difference(residual, difference(images[$0], points[$0]))
        }
        let matrix = Matrix<Double>(rows: point.count, columns: last) { residualSteps[$1][$0] }
        guard
            let weights = try? LeastNormSolution(
                matrix, Matrix(column: residual), relativeTolerance: 1e-10).solution
        else { return image }
        var result = image
        for k in 0..<last {
            for i in result.indices { result[i] -= weights[k, 0] * (image[i] - images[k][i]) }
        }
        // A step far beyond the last change is a sign of a poor fit.
        let plain = residual.reduce(0) { max($0, abs($1)) }
        let jump = difference(result, image).reduce(0) { max($0, abs($1)) }
        return jump <= 10 * plain ? result : image
    }

    private func difference(_ a: [Double], _ b: [Double]) -> [Double] {
        zip(a, b).map { $0 - $1 }
    }
}
