internal import Comparison
internal import ImplicitSGD
internal import Documents
public import LearningRules

/// What an audited update is, with the numbers that decide it.
public enum AuditVerdict: Sendable, Hashable {
    /// No weight changed; explicit SGD up to this learning rate would be lost to rounding.
    case unchanged(hiddenRate: Double?)
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
    /// The update of another rule, with those conventions of the published code that are in force in it.
    case rule(String, [PublishedQuirk], UpdateAudit.Fit)
    /// `+α∇L(θ_b)`: the sign is wrong.
    case ascent(UpdateAudit.Fit)
    /// A combination of known directions, such as a gradient and weight decay.
    case family(RecognisedStep)
    /// None of them; the nearest, `nil` if nothing is, and whether the loss rises along the update.
    case neither(explicit: UpdateAudit.Fit?, implicit: UpdateAudit.Fit?, isUphill: Bool)

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .unchanged: "unchanged"
        case .hiddenByRounding: "hidden-by-rounding"
        case .explicit: "explicit"
        case .implicit: "implicit"
        case .implicitEquation: "implicit-equation"
        case .explicitOrImplicit: "explicit-or-implicit"
        case .rule(let name, _, _): name
        case .ascent: "ascent"
        case .family(let match): match.name
        case .neither: "neither"
        }
    }

    /// The learning rate of the match, if there is one.
    public var learningRate: Double? {
        switch self {
        case .explicit(let fit), .implicit(let fit), .implicitEquation(let fit), .rule(_, _, let fit),
            .ascent(let fit):
            fit.learningRate
        case .explicitOrImplicit(let fit, _): fit.learningRate
        case .family(let match): match.learningRate
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
    let rules: [NamedRule]
    let explicit: UpdateAudit.Fit?
    let consistent: UpdateAudit.Fit?
    let implicit: UpdateAudit.Fit?
    let ascent: UpdateAudit.Fit?
    let family: RecognisedStep?
    let hiddenRate: Double?
    /// Whether `P_α` is not higher after the update than before, as it is at every minimiser.
    let objectiveFalls: (Double) -> Bool

    /// The learning rate asked for that matches, else the fitted one if that does.
    func match(
        _ fit: UpdateAudit.Fit?, _ measure: (UpdateAudit.Entry) -> (error: Double, excess: Double)?
    ) -> UpdateAudit.Fit? {
        let asked = entries.compactMap { entry in
            measure(entry).map {
                UpdateAudit.Fit(learningRate: entry.learningRate, error: $0.error, excess: $0.excess)
            }
        }.min { $0.error < $1.error }
        return [asked, fit].compactMap { $0 }.first { $0.excess <= RoundingBound.acceptance }
    }

    /// The rule asked for that matches best; if none does, the one that matches with the fewest conventions of the
    /// published code.
    var rule: (String, [PublishedQuirk], UpdateAudit.Fit)? {
        let asked = entries.flatMap { entry in
            zip(rules, zip(entry.rules, entry.excess.rules)).compactMap { rule, found -> (NamedRule, UpdateAudit.Fit)? in
                guard let distance = found.0.distance, let excess = found.1 else { return nil }
                return (rule, UpdateAudit.Fit(learningRate: entry.learningRate, error: distance, excess: excess))
            }
        }.filter { $0.1.excess <= RoundingBound.acceptance }.min { $0.1.error < $1.1.error }
        let varied = entries.flatMap { entry in
            entry.variants.map { found in
                let fit = UpdateAudit.Fit(
                    learningRate: entry.learningRate, error: found.distance, excess: found.excess)
                return (found.rule, fit)
            }
        }.min { ($0.0.conventions.count, $0.1.error) < ($1.0.conventions.count, $1.1.error) }
        return (asked ?? varied).map { ($0.name, $0.conventions, $1) }
    }
}

extension AuditVerdict {
    /// The criterion: of the relative distance (or implicit residual) at most `RoundingBound.acceptance` is beyond
    /// rounding; and an implicit step does not raise `P_α`. If both explicit and implicit satisfy it, the one that is
    /// ten times nearer, provided that the other's distance is more than rounding.
    init(_ evidence: AuditEvidence) {
        guard evidence.updateNorm > 0 else {
            self = .unchanged(hiddenRate: evidence.hiddenRate)
            return
        }
        guard !evidence.rounding.hidesUpdate else {
            self = .hiddenByRounding(distance: evidence.rounding.distance)
            return
        }
        let explicit = evidence.match(evidence.explicit) { ($0.explicit.relativeDistance, $0.excess.explicit) }
        let exact = evidence.match(evidence.implicit) { entry in
            entry.implicit.flatMap { implicit in
                entry.excess.implicit.map { (implicit.relativeDistance, $0) }
            }
        }
        let consistent = evidence.match(evidence.consistent) { ($0.residual, $0.excess.residual) }
        let equation = consistent.flatMap { evidence.objectiveFalls($0.learningRate) ? $0 : nil }
        let rounding = evidence.rounding.distance
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
            if let (name, conventions, fit) = evidence.rule {
                self = .rule(name, conventions, fit)
            } else if let ascent = evidence.ascent, ascent.excess <= RoundingBound.acceptance {
                self = .ascent(ascent)
            } else if let family = evidence.family {
                self = .family(family)
            } else {
                self = .neither(
                    explicit: evidence.explicit, implicit: evidence.implicit, isUphill: evidence.ascent != nil)
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
        case .unchanged(let hiddenRate):
            let hidden = hiddenRate.map {
                " A step of explicit SGD at α ≤ \(number($0)) would be lost to rounding."
            }
            return "No weight changed: there is no update." + (hidden ?? "")
        case .hiddenByRounding(let distance):
            return "Hidden by rounding: the update is so small beside the weights that rounding alone "
                + "makes a relative distance of \(number(distance)). Save the weights as F64."
        case .explicit(let fit):
            return "Explicit SGD at \(rate(fit))\(held), to a relative distance of \(number(fit.error))."
        case .implicit(let fit):
            return "Implicit SGD at \(rate(fit))\(held), to a relative distance of \(number(fit.error))."
        case .implicitEquation(let fit):
            return "Implicit SGD at \(rate(fit))\(held), to an implicit residual of \(number(fit.error)): "
                + (frozen.isEmpty
                    ? "a stationary point of P_α, but another than the descent from θ_b finds."
                    : "it satisfies the implicit equation of the parameters that move.")
        case .explicitOrImplicit(let explicit, let implicit):
            return "Explicit or implicit SGD: at \(rate(explicit)) they are too much alike for this "
                + "update to tell them apart (distances \(number(explicit.error)) and "
                + "\(number(implicit.error)))\(held)."
        case .rule(let name, let conventions, let fit):
            let left = RuleEntry.named(name).map { entry in
                PublishedQuirk.allCases.filter { entry.quirks.contains($0) && !conventions.contains($0) }
            } ?? []
            func list(_ quirks: [PublishedQuirk]) -> String { quirks.map(\.rawValue).joined(separator: ", ") }
            let followed = conventions.isEmpty
                ? "" : " Conventions of the code published with the paper: \(list(conventions))."
            let others = left.isEmpty ? "" : " Not: \(list(left))."
            return "The rule \(name) at \(rate(fit)), to a relative distance of \(number(fit.error)).\(followed)\(others)"
        case .ascent(let fit):
            return "Gradient ascent at \(rate(fit))\(held), to a relative distance of \(number(fit.error)): the sign of "
                + "the step is wrong."
        case .family(let match):
            let terms = match.terms.map { "\($0.name) = \(NumberFormat.setting.string($0.value))" }
            return "\(match.title)\(held): \(terms.joined(separator: ", ")), to a relative distance of "
                + "\(number(match.error))."
        case .neither(let explicit, let implicit, let isUphill):
            let candidates = [("explicit SGD", explicit), ("implicit SGD", implicit)]
                .compactMap { name, fit in fit.map { (name, $0) } }
                .sorted { $0.1.error < $1.1.error }
            guard let (name, fit) = candidates.first else {
                return "Neither: the update does not even point downhill."
            }
            if isUphill { return "Neither explicit nor implicit SGD\(held): the loss rises along the step." }
            return "Neither explicit nor implicit SGD\(held): the nearest is \(name) at \(rate(fit)), at a "
                + "relative distance of \(number(fit.error))."
        }
    }
}
