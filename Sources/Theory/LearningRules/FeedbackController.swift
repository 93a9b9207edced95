internal import LinearAlgebra
internal import Networks
internal import RealModule

/// A pass of one example whose hidden activities a controller moves: `hₙ = pₙ + Qₙu`, with `Qₙ = (∂h_N/∂hₙ)ᵀ` of the
/// feedforward pass. The output is not moved; what reaches it went through the network.
protocol ControlledPass {
    /// Runs from the input to the output under the control `u`, one number for each output.
    mutating func run(_ control: Matrix<Double>)
    /// `p_N`.
    var response: Matrix<Double> { get }
    /// `∂p_N/∂u` where the last run was.
    func sensitivity() -> Matrix<Double>
}

/// The steady state of `u̇ = −u − k∇ℓ(p_N(u))`: a proportional controller of gain `k` with a leak.
///
/// Implicit Euler steps of growing size follow the controller from `u = 0`, the feedforward pass, to where nothing moves;
/// near it they are Newton's.
struct FeedbackController: Sendable {
    /// `k`.
    var gain: Double
    /// The bound on `‖u + k∇ℓ‖/(‖u‖ + ‖k∇ℓ‖)`.
    var tolerance: Double

    private static let stepLimit = 200

    /// Runs `pass` under the control at the steady state, and returns it with how far it came.
    ///
    /// - Throws: `RuleError.unsolved` where numbers overflow.
    func settle(
        _ pass: inout some ControlledPass, _ loss: Loss, target: Matrix<Double>
    ) throws(RuleError) -> (control: Matrix<Double>, status: EquilibriumStatus) {
        var control = Matrix<Double>(rows: target.rows, columns: 1)
        pass.run(control)
        var field = field(pass, loss, target, control)
        var stepSize = 1.0
        var steps = 0
        while field.residual > tolerance, steps < Self.stepLimit {
            steps += 1
            var system = loss.hessian(pass.response, targets: target, example: 0).dotted(pass.sensitivity())
            system.scale(by: gain)
            for i in 0..<system.rows { system[i, i] += 1 + 1 / stepSize }
            let next: Matrix<Double>
            do {
                next = control - (try LeastNormSolution(system, field.value).solution)
            } catch {
                throw .unsolved("the controller's step \(steps): \(error)")
            }
            pass.run(next)
            let moved = self.field(pass, loss, target, next)
            let ratio = field.value.norm / moved.value.norm
            guard ratio > 0.5 else {
                // Too long a step to follow the controller.
                stepSize /= 8
                pass.run(control)
                continue
            }
            (control, field) = (next, moved)
            stepSize *= Double.minimum(Double.maximum(ratio, 1), 1e6) * 1.5
        }
        guard control.isFinite(), field.value.isFinite() else {
            throw .unsolved("the controller overflows after \(steps) steps")
        }
        return (
            control,
            EquilibriumStatus(
                isConverged: field.residual <= tolerance, residual: field.residual, tolerance: tolerance, iterations: steps)
        )
    }

    /// `u + k∇ℓ`, and its size relative to that of its parts.
    private func field(
        _ pass: some ControlledPass, _ loss: Loss, _ target: Matrix<Double>, _ control: Matrix<Double>
    ) -> (value: Matrix<Double>, residual: Double) {
        var gradient = pass.response
        loss.gradient(pass.response, targets: target, into: &gradient)
        gradient.scale(by: gain)
        let value = control + gradient
        let size = control.norm + gradient.norm
        return (value, size == 0 ? 0 : value.norm / size)
    }
}
