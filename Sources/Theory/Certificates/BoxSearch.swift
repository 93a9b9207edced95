internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The search for a box in which the Newton step is proved to contract.
struct BoxSearch {
    struct Proof {
        let point: [Double]
        let radius: Double
        let box: Double
        let contraction: Double
        let hessian: BallMatrix
    }

    let problem: ProximalProblem
    let input: EnergyEnclosure.InputLayer
    let face: HeldFace
    /// Where it begins: the activities of an update.
    let start: [Double]
    let newtonSteps: Int

    func proof(firstBox: Double, boxes: Int) throws(NotEnclosed) -> Proof {
        var box = firstBox
        var inverse: Matrix<Double>?
        var failure = NotEnclosed.singular
        for _ in 0..<boxes {
            if let coordinate = face.unitNearKink(start, within: box) {
                let (layer, unit, example) = face.place(coordinate)
                failure = .nearKink(layer: layer, unit: unit, example: example)
                box /= 64
                continue
            }
            guard let energy = EnergyEnclosure(problem, input, at: face.box(start, box)) else {
                failure = .singular
                box /= 64
                continue
            }
            let hessian = face.restricted(energy.hessian)
            guard hessian.isFinite, let preconditioner = inverse ?? Self.inverse(hessian.center)
            else { throw .singular }
            inverse = preconditioner
            let (point, step) = try newtonPoint(preconditioner)
            let moved = zip(point, start).reduce(0.0) { max($0, abs($1.0 - $1.1).nextUp) }
            // A box of this radius around the point lies in the box of the Hessian around the start.
            let room = (box - moved).nextDown
            let contraction = BallMatrix.deviationFromIdentity(preconditioner, times: hessian)
            let image = (Interval(step) + Interval(contraction) * Interval(room)).upper
            if contraction < 1, image < room {
                let radius = (Interval(step) / (Interval(1) - Interval(contraction))).upper
                return Proof(point: point, radius: radius, box: room, contraction: contraction, hessian: hessian)
            }
            failure = .contraction(contraction)
            box = room > 2 * step ? box / 64 : 16 * (moved + step)
        }
        throw failure
    }

    /// The start, or what Newton steps make of it, and a bound of `‖Rg‖∞` there.
    private func newtonPoint(_ inverse: Matrix<Double>) throws(NotEnclosed) -> ([Double], Double) {
        let preconditioner = BallMatrix(exactly: inverse)
        func step(at point: [Double]) throws(NotEnclosed) -> BallMatrix {
            guard let energy = EnergyEnclosure(problem, input, at: face.box(point, 0)) else { throw .singular }
            return .product(preconditioner, .none, face.restricted(energy.gradient))
        }
        var point = start
        var last = try step(at: point)
        for _ in 0..<newtonSteps {
            var next = point
            for (k, coordinate) in face.free.enumerated() { next[coordinate] -= last.center[k, 0] }
            let following = try step(at: next)
            guard following.maximumRowSum < last.maximumRowSum else { break }
            (point, last) = (next, following)
        }
        return (point, last.maximumRowSum)
    }

    /// Something near `A⁻¹`; a saddle has one, too.
    private static func inverse(_ matrix: Matrix<Double>) -> Matrix<Double>? {
        if let factor = try? CholeskyFactorization(matrix), let inverse = try? factor.solve(.identity(matrix.rows)) {
            return inverse.isFinite() ? inverse : nil
        }
        guard matrix.rows <= 600, let spectrum = try? SymmetricEigendecomposition(matrix) else { return nil }
        let scaled = Matrix<Double>(rows: matrix.rows, columns: matrix.rows) { i, j in
            spectrum.vectors[i, j] / spectrum.values[j]
        }
        guard let inverse = try? Matrix.product(scaled, .none, spectrum.vectors, .transposed) else { return nil }
        return inverse.isFinite() ? inverse : nil
    }
}
