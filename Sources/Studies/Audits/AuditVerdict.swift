internal import Comparison
internal import ImplicitSGD
internal import Documents

/// What an audited update is, with the numbers that decide it.
public enum AuditVerdict: Sendable, Hashable {
    /// No weight changed.
    case unchanged
    /// The update is so small beside the weights that their rounding hides it.
    case hiddenByRounding(distance: Double)
    /// `−α∇L(θ_b)`.
    case explicit(UpdateAudit.Fit)
    /// The exact implicit update that descends from `θ_b`.
    case implicit(UpdateAudit.Fit)
    /// A point that satisfies the implicit equation (`error` is the residual), but not the one that
    /// descends from `θ_b`, or not with all parameters moving.
    case implicitEquation(UpdateAudit.Fit)
    /// Explicit and implicit agree here better than the update tells them apart.
    case explicitOrImplicit(explicit: UpdateAudit.Fit, implicit: UpdateAudit.Fit)
    /// The update of another rule.
    case rule(String, UpdateAudit.Fit)
    /// None of them; the nearest, `nil` if nothing is.
    case neither(explicit: UpdateAudit.Fit?, implicit: UpdateAudit.Fit?)

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .unchanged: "unchanged"
        case .hiddenByRounding: "hidden-by-rounding"
        case .explicit: "explicit"
        case .implicit: "implicit"
        case .implicitEquation: "implicit-equation"
        case .explicitOrImplicit: "explicit-or-implicit"
        case .rule(let name, _): name
        case .neither: "neither"
        }
    }

    /// The learning rate of the match, if there is one.
    public var learningRate: Double? {
        switch self {
        case .explicit(let fit), .implicit(let fit), .implicitEquation(let fit), .rule(_, let fit):
            fit.learningRate
        case .explicitOrImplicit(let fit, _): fit.learningRate
        case .unchanged, .hiddenByRounding, .neither: nil
        }
    }
}

/// What a verdict is made from.
struct AuditEvidence {
    let updateNorm: Double
    let rounding: RoundingBound
    let moves: [ParameterMove]
    let entries: [UpdateAudit.Entry]
    let explicit: UpdateAudit.Fit?
    let consistent: UpdateAudit.Fit?
    let implicit: UpdateAudit.Fit?

    /// The learning rate asked for that matches, else the fitted one if that does.
    func match(
        _ fit: UpdateAudit.Fit?, _ error: (UpdateAudit.Entry) -> Double?
    ) -> UpdateAudit.Fit? {
        let asked = entries.compactMap { entry in
            error(entry).map { UpdateAudit.Fit(learningRate: entry.learningRate, error: $0) }
        }.min { $0.error < $1.error }
        return [asked, fit].compactMap { $0 }.first { $0.error <= rounding.acceptance }
    }
}

extension AuditVerdict {
    /// The criterion: a relative distance (or implicit residual) of at most `acceptance`. If both
    /// explicit and implicit satisfy it, the one that is ten times nearer, provided that the
    /// other's distance is more than rounding.
    init(_ evidence: AuditEvidence) {
        guard evidence.updateNorm > 0 else {
            self = .unchanged
            return
        }
        guard !evidence.rounding.hidesUpdate else {
            self = .hiddenByRounding(distance: evidence.rounding.distance)
            return
        }
        let explicit = evidence.match(evidence.explicit) { $0.explicit.relativeDistance }
        let exact = evidence.match(evidence.implicit) { $0.implicit?.whole.relativeDistance }
        let equation = evidence.match(evidence.consistent) { $0.residual }
        let rounding = 4 * evidence.rounding.distance
        switch (explicit, exact ?? equation) {
        case (let explicit?, let implicit?):
            if explicit.error > rounding, implicit.error <= 0.1 * explicit.error {
                self = exact == nil ? .implicitEquation(implicit) : .implicit(implicit)
            } else if implicit.error > rounding, explicit.error <= 0.1 * implicit.error {
                self = .explicit(explicit)
            } else {
                self = .explicitOrImplicit(explicit: explicit, implicit: implicit)
            }
        case (let explicit?, nil): self = .explicit(explicit)
        case (nil, let implicit?):
            self = exact == nil ? .implicitEquation(implicit) : .implicit(implicit)
        case (nil, nil):
            let rules = evidence.entries.flatMap { entry in
                entry.rules.compactMap { name, distance in
                    distance.map { (name, UpdateAudit.Fit(learningRate: entry.learningRate, error: $0)) }
                }
            }
            if let (name, fit) = rules.min(by: { $0.1.error < $1.1.error }),
                fit.error <= evidence.rounding.acceptance
            {
                self = .rule(name, fit)
            } else {
                self = .neither(explicit: evidence.explicit, implicit: evidence.implicit)
            }
        }
    }

    /// The verdict in words.
    ///
    /// - Parameter frozen: names of tensors that were held fixed.
    func sentence(frozen: [String]) -> String {
        func number(_ value: Double) -> String { NumberFormat.significant(2).string(value) }
        func rate(_ fit: UpdateAudit.Fit) -> String {
            "α = \(NumberFormat.setting.string(fit.learningRate))"
        }
        let held = frozen.isEmpty ? "" : ", with \(frozen.joined(separator: ", ")) held fixed"
        switch self {
        case .unchanged: return "No weight changed: there is no update."
        case .hiddenByRounding(let distance):
            return "Hidden by rounding: the update is so small beside the weights that rounding alone "
                + "makes a relative distance of \(number(distance)). Save the weights as F64."
        case .explicit(let fit):
            return "Explicit SGD at \(rate(fit))\(held), to a relative distance of \(number(fit.error))."
        case .implicit(let fit):
            return "Implicit SGD at \(rate(fit)), to a relative distance of \(number(fit.error))."
        case .implicitEquation(let fit):
            return "Implicit SGD at \(rate(fit))\(held), to an implicit residual of \(number(fit.error)): "
                + (frozen.isEmpty
                    ? "a stationary point of P_α, but another than the descent from θ_b finds."
                    : "it satisfies the implicit equation of the parameters that move.")
        case .explicitOrImplicit(let explicit, let implicit):
            return "Explicit or implicit SGD: at \(rate(explicit)) they are too much alike for this "
                + "update to tell them apart (distances \(number(explicit.error)) and "
                + "\(number(implicit.error)))\(held)."
        case .rule(let name, let fit):
            return "The rule \(name) at \(rate(fit)), to a relative distance of \(number(fit.error))."
        case .neither(let explicit, let implicit):
            let candidates = [("explicit SGD", explicit), ("implicit SGD", implicit)]
                .compactMap { name, fit in fit.map { (name, $0) } }
                .sorted { $0.1.error < $1.1.error }
            guard let (name, fit) = candidates.first else {
                return "Neither: the update does not even point downhill."
            }
            return "Neither explicit nor implicit SGD\(held): the nearest is \(name) at \(rate(fit)), at a "
                + "relative distance of \(number(fit.error))."
        }
    }
}
