internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The search for a box of error signals in which the Newton step is proved to contract: Krawczyk's test as in
/// ``BoxSearch``, with the signals of each layer measured by a power of two near their largest.
struct SignalSearch {
    let problem: ProximalProblem
    let face: HeldFace
    /// Where it begins, as vectors of all signals.
    let start: [Double]
    let scales: [Double]
    let newtonSteps: Int

    struct Proof {
        /// Where the exact point is.
        let signals: ErrorSignals
        /// In multiples of the scales.
        let box: Double
        let contraction: Double
    }

    /// - Parameter start: the signals of an update, layer by layer.
    init(_ problem: ProximalProblem, _ face: HeldFace, start: [Matrix<Double>], newtonSteps: Int) {
        (self.problem, self.face, self.newtonSteps) = (problem, face, newtonSteps)
        self.start = start.flatMap(\.elements)
        let largest = max(start.reduce(0) { max($0, $1.maximumMagnitude) }, .leastNormalMagnitude)
        scales = start.flatMap { layer in
            // A layer that sends nothing back is measured by the others.
            let size = layer.maximumMagnitude > 0x1p-60 * largest ? layer.maximumMagnitude : largest
            return Array(repeating: Double(sign: .plus, exponent: size.exponent, significand: 1), count: layer.count)
        }
    }

    func proof(firstBox: Double, boxes: Int) throws(NotEnclosed) -> Proof {
        var box = firstBox
        var inverse: Matrix<Double>?
        var failure = NotEnclosed.singular
        for _ in 0..<boxes {
            let whole = signals(start, box)
            if let coordinate = whole.unitNearKink {
                let (layer, unit, example) = face.place(coordinate)
                failure = .nearKink(layer: layer, unit: unit, example: example)
                box /= 64
                continue
            }
            let jacobian = scaled(whole.jacobian)
            guard jacobian.isFinite, let preconditioner = inverse ?? ((try? jacobian.center.approximateInverse()) ?? nil)
            else { throw .singular }
            inverse = preconditioner
            let (point, step) = newtonPoint(preconditioner)
            let moved = point.indices.reduce(0.0) { max($0, (abs(point[$1] - start[$1]).nextUp / scales[$1]).nextUp) }
            // A box of this radius around the point lies in the box of the Jacobian around the start.
            let room = (box - moved).nextDown
            let contraction = BallMatrix.deviationFromIdentity(preconditioner, times: jacobian)
            let image = (Interval(step) + Interval(contraction) * Interval(room)).upper
            if contraction < 1, image < room {
                let radius = (Interval(step) / (Interval(1) - Interval(contraction))).upper
                return Proof(signals: signals(point, radius), box: room, contraction: contraction)
            }
            failure = .contraction(contraction)
            box = room > 2 * step ? box / 64 : 16 * (moved + step)
        }
        throw failure
    }

    /// All signals within `radius` of the point, measured by the scales.
    private func signals(_ point: [Double], _ radius: Double) -> ErrorSignals {
        var first = 0
        let examples = problem.batch.size
        let layers = problem.network.architecture.widths.dropFirst().map { width in
            let begin = first
            first += width * examples
            return BallMatrix(
                center: Matrix(rows: width, columns: examples) { i, j in point[begin + i + j * width] },
                radius: Matrix(rows: width, columns: examples) { i, j in radius * scales[begin + i + j * width] })
        }
        return ErrorSignals(problem, face, layers)
    }

    /// Columns times scales, which are powers of two.
    private func scaled(_ jacobian: BallMatrix) -> BallMatrix {
        func times(_ matrix: Matrix<Double>) -> Matrix<Double> {
            Matrix(rows: matrix.rows, columns: matrix.columns) { i, j in matrix[i, j] * scales[j] }
        }
        return BallMatrix(center: times(jacobian.center), radius: times(jacobian.radius))
    }

    /// The start, or what Newton steps make of it, and a bound of the scaled step there.
    private func newtonPoint(_ inverse: Matrix<Double>) -> ([Double], Double) {
        let preconditioner = BallMatrix(exactly: inverse)
        func step(at point: [Double]) -> BallMatrix {
            let deviation = signals(point, 0).deviation
            return .product(preconditioner, .none, BallMatrix(rows: deviation.count, columns: 1) { i, _ in deviation[i] })
        }
        var point = start
        var last = step(at: point)
        for _ in 0..<newtonSteps {
            let next = point.indices.map { point[$0] - scales[$0] * last.center[$0, 0] }
            let following = step(at: next)
            guard following.maximumRowSum < last.maximumRowSum else { break }
            (point, last) = (next, following)
        }
        return (point, last.maximumRowSum)
    }
}
