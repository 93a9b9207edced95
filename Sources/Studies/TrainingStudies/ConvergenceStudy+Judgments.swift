internal import Documents
internal import Foundation
internal import LearningRules
internal import Statistics
internal import Training

/// Judgments on C6, C7 and C8, seed by seed at each rule's best learning rate.
extension ConvergenceStudy {
    /// How far apart “matches” may be: one percentage point of accuracy, or one percent of the loss.
    private static let margin = 0.01

    var criteria: [String] {
        let speed =
            "il-prox needs fewer iterations than bp at mini-batch 1 (log₂ of the ratio bp : il-prox, "
            + "Student's interval over seeds above 0; runs that do not reach the target count as if they "
            + "reached it at their end, which favours the slower rule)"
        let claims =
            switch metric {
            case .accuracy:
                [
                    "C6: \(speed).",
                    "C7: at mini-batch 64 the final accuracies of il-adam and bp-adam differ by at most 1 "
                        + "percentage point (Student's interval over seeds within ±0.01).",
                ]
            case .reconstruction:
                [
                    "C8: as C6, \(speed); and as C7, at mini-batch 64 the final losses of il-adam and "
                        + "bp-adam differ by at most 1 percent (il-adam : bp-adam − 1 within ±0.01)."
                ]
            }
        return claims + [
            "Premise of what is said about the end: some run of the two rules reached a target; else the verdict "
                + "is undecided.",
            "The best learning rate is chosen by the same test examples, for every rule alike.",
        ]
    }

    /// What one grid says: about speed at mini-batch 1, about equality at the end above.
    ///
    /// Each set of rules is judged by itself.
    func judgments(_ results: GridResults, _ chosen: BestRates) -> [Judgment] {
        RuleSet.all.flatMap { judgments(results, chosen, $0) }
    }

    private func judgments(_ results: GridResults, _ chosen: BestRates, _ set: RuleSet) -> [Judgment] {
        let isSmall = results.grid.base.batchSize == 1
        let own = isSmall ? TrainingRule(set.proximal) : TrainingRule(set.inferenceLearning, .adam)
        let other = TrainingRule(set.backpropagation, isSmall ? .plain : .adam)
        guard let ownRate = chosen.rate(of: own), let otherRate = chosen.rate(of: other) else { return [] }
        let pairs = results.pairs(own, ownRate, other, otherRate)
        guard !pairs.isEmpty else { return [] }
        let speeds = isSmall ? targets.map { speed($0, own, other, pairs, results.grid.base.iterations) } : []
        return speeds + [final(own, other, pairs, isEquality: !isSmall)]
    }

    private func speed(
        _ target: Double, _ own: TrainingRule, _ other: TrainingRule,
        _ pairs: [(own: TrainingSummary, other: TrainingSummary)], _ iterations: Int
    ) -> Judgment {
        let reached = pairs.map { own, other in
            (metric.iteration(of: own, reaching: target), metric.iteration(of: other, reaching: target))
        }
        let isMeasured = reached.allSatisfy { $0.0 != nil || $0.1 != nil }
        let sample = SeedSample(
            isMeasured ? reached.map { log2(Double($0.1 ?? iterations) / Double($0.0 ?? iterations)) } : [])
        return Judgment(
            claim: metric == .accuracy ? "C6" : "C8",
            quantity: "log₂ iterations \(other.name) : \(own.name) to \(NumberFormat.setting.string(target))",
            estimate: sample.mean, interval: sample.interval(),
            verdict: isMeasured ? .init(positive: sample.interval()) : .unmeasured)
    }

    /// The difference at the end; equality is judged at the large mini-batch, who is better at 1.
    private func final(
        _ own: TrainingRule, _ other: TrainingRule, _ pairs: [(own: TrainingSummary, other: TrainingSummary)],
        isEquality: Bool
    ) -> Judgment {
        let values = pairs.compactMap { a, b -> Double? in
            guard let a = metric.value(a), let b = metric.value(b) else { return nil }
            return metric == .accuracy ? a - b : a / b - 1
        }
        let sample = SeedSample(values)
        let interval = values.count == pairs.count ? sample.interval() : nil
        let isTrained = pairs.contains { pair in
            targets.contains { metric.reaches($0, pair.0) || metric.reaches($0, pair.1) }
        }
        let verdict: Judgment.Verdict
        if !isTrained {
            verdict = .undecided
        } else if isEquality, let interval {
            verdict =
                interval.lowerBound >= -Self.margin && interval.upperBound <= Self.margin ? .holds
                : interval.lowerBound > Self.margin || interval.upperBound < -Self.margin ? .fails : .undecided
        } else {
            // A higher accuracy is better, and a lower loss.
            verdict = .init(
                positive: metric == .accuracy ? interval : interval.map { -$0.upperBound...(-$0.lowerBound) })
        }
        return Judgment(
            claim: metric == .reconstruction ? "C8" : isEquality ? "C7" : "C6",
            quantity: metric == .accuracy
                ? "final accuracy, \(own.name) − \(other.name)" : "final loss, \(own.name) : \(other.name) − 1",
            estimate: sample.mean, interval: interval, verdict: verdict)
    }
}

extension ConvergenceStudy.Metric {
    /// Whether a run reached the target at any measurement.
    fileprivate func reaches(_ target: Double, _ run: TrainingSummary) -> Bool {
        iteration(of: run, reaching: target) != nil
    }
}
