internal import LinearAlgebra

extension Loss {
    /// The proximal point `argmin_h ℓ(h, y) + ‖h − p‖²/(2c)` of one example.
    ///
    /// It solves `h + c(μ(h) − y) = p`. Closed form `(p + cy)/(1 + c)` for the squared error; else
    /// Newton's method with backtracking on the strictly convex objective, `O(d)` an iteration (the
    /// Hessian is diagonal plus rank one). Stops at rounding level; c may be any non-negative number.
    ///
    /// - Parameters:
    ///   - p: the logits to stay near to, `d` entries.
    ///   - y: the target, `d` entries.
    ///   - c: the step, not negative.
    public func proximalPoint(logits p: [Double], target y: [Double], step c: Double) -> [Double] {
        switch self {
        case .squaredError:
            return zip(p, y).map { ($0 + c * $1) / (1 + c) }
        case .softmaxCrossEntropy, .sigmoidCrossEntropy:
            return proximalPointByNewton(p, y, c)
        }
    }

    private func proximalPointByNewton(_ p: [Double], _ y: [Double], _ c: Double) -> [Double] {
        let d = p.count
        let target = Matrix(column: y)
        // Divided by 1 + c the objective stays of the size of ℓ for small and large steps.
        let (lossScale, distanceScale) = (c / (1 + c), 1 / (1 + c))
        func objective(_ h: Matrix<Double>) -> Double {
            let distance = zip(h.elements, p).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return lossScale * total(h, targets: target) + distanceScale * distance / 2
        }
        var h = Matrix(column: p)
        var gradient = Matrix<Double>(rows: d, columns: 1)
        var value = objective(h)
        for _ in 0..<200 {
            self.gradient(h, targets: target, into: &gradient)
            for i in 0..<d {
                gradient[i, 0] = lossScale * gradient[i, 0] + distanceScale * (h[i, 0] - p[i])
            }
            let step = newtonStep(h, y, gradient, lossScale, distanceScale)
            let slope = zip(step, gradient.elements).reduce(0) { $0 + $1.0 * $1.1 }
            let size = step.reduce(0) { max($0, abs($1)) }
            let magnitude = h.elements.reduce(1) { max($0, abs($1)) }
            if slope >= 0 || size <= 4 * Double.ulpOfOne * magnitude { break }
            var length = 1.0
            var accepted = false
            while length > 1e-12 {
                let trial = Matrix(column: (0..<d).map { h[$0, 0] + length * step[$0] })
                let trialValue = objective(trial)
                // Near the solution values no longer tell points apart; a full Newton step does no harm.
                let rounding = 8 * Double.ulpOfOne * abs(value)
                if trialValue <= value + 1e-4 * length * slope + rounding {
                    (h, value, accepted) = (trial, trialValue, true)
                    break
                }
                length /= 2
            }
            if !accepted { break }
        }
        return h.elements
    }

    /// `−H⁻¹g` for `H = lossScale·∇²ℓ + distanceScale·I`, by Sherman–Morrison for the softmax.
    private func newtonStep(
        _ h: Matrix<Double>, _ y: [Double], _ gradient: Matrix<Double>,
        _ lossScale: Double, _ distanceScale: Double
    ) -> [Double] {
        let d = h.rows
        guard self == .softmaxCrossEntropy else {
            return (0..<d).map {
                let curvature = lossScale * Activation.logisticSlope(h[$0, 0]) + distanceScale
                return -gradient[$0, 0] / curvature
            }
        }
        let mass = lossScale * y.reduce(0, +)
        var response = Matrix<Double>(rows: d, columns: 1)
        self.response(h, into: &response)
        var (numerator, remainder) = (0.0, 0.0)
        var scaled = [Double](repeating: 0, count: d)
        for i in 0..<d {
            let diagonal = mass * response[i, 0] + distanceScale
            scaled[i] = -gradient[i, 0] / diagonal
            numerator += response[i, 0] * scaled[i]
            // 1 − Σ mass σᵢ²/diagonal = Σ σᵢ(diagonal − mass σᵢ)/diagonal, without cancellation.
            remainder += response[i, 0] * distanceScale / diagonal
        }
        return (0..<d).map {
            let diagonal = mass * response[$0, 0] + distanceScale
            return scaled[$0] + mass * response[$0, 0] / diagonal * numerator / remainder
        }
    }
}
