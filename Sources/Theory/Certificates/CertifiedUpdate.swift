public import ImplicitSGD
public import LinearAlgebra
public import Networks

/// An implicit update: what a solver did to find it, and what the certifier says of it.
///
/// It may be called exact only if `isExact`, which is the certificate's word. The solver's own word, that it
/// converged, is kept for the reader and counts for nothing.
public struct CertifiedUpdate: Sendable {
    /// What the solver did.
    public let solve: SolveReport
    public let certificate: Certificate
    /// Processor time of the certificate, which is not part of the solve's.
    public let certificateSeconds: Double

    /// Certifies the update of a solve.
    public init(_ solve: SolveReport, of problem: ProximalProblem, by certifier: Certifier) {
        let began = ProcessorTime.ofThread()
        self.solve = solve
        certificate = certifier.certify(solve.update, for: problem)
        certificateSeconds = ProcessorTime.ofThread() - began
    }

    /// Whether the update is the exact implicit update, to the tolerance.
    public var isExact: Bool { certificate.isExact }

    /// Whether it is certified to be a strict local minimum.
    public var isStrictMinimum: Bool { isExact && certificate.point?.minimum.isStrict == true }

    /// Whether `Δ` is the exact implicit update as a number, though rounding may take it from the new weights.
    public var isExactAsNumber: Bool {
        if case .lostToRounding = certificate.refusal { true } else { isExact }
    }

    /// Whether the question is answered: by an exact update, or by the proof that there is none but zero, to rounding.
    public var isAnswered: Bool { certificate.refusal == nil }

    /// Why it is not called exact: the certificate's reason, after what a solver that stopped early says to do.
    public var reason: String? {
        if let zero = certificate.zero { return "\(zero)" }
        guard let refusal = certificate.refusal else { return nil }
        return solve.isConverged ? "\(refusal)" : "\(solve.outcome); \(refusal)"
    }

    /// `Δ = θ⁺ − θ_b`.
    public var update: Parameters<Double> { solve.update }
    /// `α`.
    public var learningRate: Double { solve.learningRate }
    /// The bound on the implicit residual that was asked for.
    public var tolerance: Double { solve.tolerance }
    /// `P_α(θ⁺)`.
    public var objective: Double { solve.objective }
    /// `L(θ_b)`.
    public var lossBefore: Double { solve.lossBefore }
    /// `L(θ⁺)`.
    public var lossAfter: Double { solve.lossAfter }
    /// `‖Δ + α∇L(θ⁺)‖/‖Δ‖` as the certifier computed it; infinite if it overflowed.
    public var implicitResidual: Double { certificate.point?.implicitResidual ?? .infinity }
    /// The units that the certifier found on their kink, with the slopes that it derived.
    public var kinkedUnits: [KinkedUnit] { certificate.point?.kinkedUnits ?? [] }
}

extension ExactSolver {
    /// Solves the problem and certifies the update to the solver's tolerance.
    ///
    /// - Parameter problem: the case.
    /// - Parameter start: another update to descend from; `nil` for `θ_b`.
    /// - Parameter examination: how much of the point is examined.
    /// - Throws: `SolveError` if the solver cannot take the problem, or if nothing is finite.
    public func certified(
        _ problem: ProximalProblem, from start: Parameters<Double>? = nil,
        examination: Certifier.Examination = .minimum
    ) throws(SolveError) -> CertifiedUpdate {
        let certifier = Certifier(tolerance: options.tolerance, examination: examination)
        let solved = CertifiedUpdate(try solve(problem, from: start), of: problem, by: certifier)
        // Where rounding hides the residual a solver cannot see the last steps, and an enclosure can.
        guard case .hiddenByRounding = solved.certificate.refusal,
            let middle = certifier.provedMiddle(near: solved.update, for: problem)
        else { return solved }
        let moved = CertifiedUpdate(solved.solve.moved(to: middle, of: problem), of: problem, by: certifier)
        return moved.isExact ? moved : solved
    }
}
