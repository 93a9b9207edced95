internal import ImplicitSGD
public import LinearAlgebra
public import Networks

/// Judges an update of a graph by the problem alone: no word of a solver is an input.
///
/// It finds the units that sit on a kink (activity 0 within the rounding of the pass), the slopes there for which the implicit
/// equation holds best, and judges in this order: overflow, the residual, the one-sided derivatives at kinks, the
/// minimum. With slopes `s` for which the equation holds the derivative of `P_α` along any direction is
/// `1/B Σ cⱼ((r − sⱼ)ḣⱼ⁺ + (sⱼ − l)ḣⱼ⁻)` over the kinked units, `cⱼ = ∂ℓ/∂aⱼ`: it falls in none if every `cⱼ ≥ 0`.
public struct GraphCertifier: Sendable {
    public var tolerance: Double

    public init(tolerance: Double = 1e-10) {
        self.tolerance = tolerance
    }

    /// Certifies that `update` is an exact implicit update, or refuses.
    ///
    /// - Parameter update: one matrix for each tensor.
    /// - Parameter problem: the case.
    public func certify(_ update: Parameters<Double>, for problem: GraphProblem) -> GraphCertificate {
        let pass = problem.pass(after: update)
        guard update.isFinite(), problem.meanLoss(pass).isFinite, pass.gradient().isFinite() else {
            return .refused(.overflow, nil)
        }
        let found: GraphKinks
        do throws(GraphRefusal) {
            found = try GraphKinks(problem, update, pass, tolerance: tolerance)
        } catch {
            return .refused(error, nil)
        }
        var point = GraphPoint(
            tolerance: tolerance, implicitResidual: found.residual, kinkedUnits: found.units, minimum: .notExamined)
        guard found.residual <= tolerance else {
            let atKinks = problem.pass(after: update, kinkedUnits: found.units)
            let floor = problem.roundingFloor(of: update, kinkedUnits: found.units, atKinks)
            return .refused(
                found.residual <= Self.roundingAllowance * floor
                    ? .hiddenByRounding(found.residual, floor: floor, tolerance: tolerance)
                    : .residual(found.residual, tolerance: tolerance), point)
        }
        if let unit = found.falling {
            let node = problem.network.architecture.nodes[unit.layer].name
            return .refused(
                found.areIndependent
                    ? .fallsBesideKink(node: node, unit: unit.unit, example: unit.example)
                    : .linkedKinks(node: node, unit: unit.unit), point)
        }
        do throws(GraphRefusal) {
            point.minimum = try GraphMinimumExamination(problem, update, found).verdict()
        } catch {
            return .refused(error, point)
        }
        let lost = lostPart(of: update, problem)
        if lost > 0.5 { return .refused(.lostToRounding(lost), point) }
        return .residual(point)
    }

    /// `‖fl(w_b + Δ) − w_b − Δ‖/‖Δ‖`: 0 if nothing is lost, 1 if everything is.
    private func lostPart(of update: Parameters<Double>, _ problem: GraphProblem) -> Double {
        let parameters = problem.network.parameters
        let lost = (parameters + update - parameters - update).norm
        return lost == 0 ? 0 : lost / update.norm
    }

    private static let roundingAllowance = 16.0
}
