internal import Foundation
internal import LearningRules
internal import Statistics
internal import Training

extension StabilityStudy {
    /// Judgments on C5 and C11, for each rule set by itself, and on C25.
    func judgments(_ results: GridResults) throws -> Judgments {
        let ofSets = try RuleSet.all.flatMap { try judgments(results, $0) }
        return Judgments(ofSets + [try implicitJudgment(results)].compactMap(\.self), criteria: Self.criteria)
    }

    /// C25: whether exact implicit SGD trains at mini-batch 1, from `α = 1` on.
    private func implicitJudgment(_ results: GridResults) throws -> Judgment? {
        let implicit = TrainingRule(.implicit)
        guard grid.base.batchSize == 1,
            let share = try trainedShare(implicit, grid.learningRates.filter { $0 >= 1 }, results)
        else { return nil }
        return .share("C25", of: implicit, "α ≥ 1", share, verdict(everyRun: share, results))
    }

    /// Whether every run of a rule trains: one that does not decides it, and only enough that do.
    ///
    /// A claim about who trains where needs somebody who trains: where no run of the grid did, the runs may be too
    /// short for anybody, and nothing is decided.
    private func verdict(everyRun share: ClopperPearson, _ results: GridResults) -> Judgment.Verdict {
        let isAnyTrained = grid.rules.contains { rule in
            grid.rates(of: rule).contains { results.runs(rule, $0).contains(where: trained) }
        }
        guard isAnyTrained else { return .undecided }
        return share.successes < share.trials ? .fails : share.lower > 0.5 ? .holds : .undecided
    }

    private func judgments(_ results: GridResults, _ set: RuleSet) throws -> [Judgment] {
        let proximal = TrainingRule(set.proximal)
        let normalized = TrainingRule(set.normalizedBackpropagation)
        let large = grid.learningRates.filter { $0 >= Self.largeRate }
        let own = try trainedShare(proximal, large, results)
        var judgments: [Judgment] = []
        if let all = try trainedShare(proximal, grid.rates(of: proximal), results) {
            judgments.append(.share("C5", of: proximal, "every α", all, verdict(everyRun: all, results)))
        }
        for rule in [TrainingRule(set.backpropagation), TrainingRule(set.inferenceLearning)] {
            guard let share = try trainedShare(rule, large, results) else { continue }
            let verdict: Judgment.Verdict =
                share.successes > 0 ? .fails
                : own.map { share.upper < $0.lower } ?? false ? .holds : .undecided
            judgments.append(.share("C5", of: rule, Self.largeRates, share, verdict))
            judgments += updateJudgments(proximal, rule, results)
        }
        if let own, let other = try trainedShare(normalized, large, results) {
            let verdict: Judgment.Verdict =
                other.upper < own.lower ? .holds
                : other.rate >= own.rate && other.lower > 0.5 ? .fails : .undecided
            judgments.append(.share("C11", of: normalized, Self.largeRates, other, verdict))
        }
        if let judgment = accuracyGain(of: proximal, over: normalized, results, large) { judgments.append(judgment) }
        return judgments
    }

    /// From here on the paper reports that BP and standard IL do not train.
    private static let largeRate = 2.5
    private static let largeRates = "α ≥ 2.5"

    private static let criteria = [
        "Each set of rules is judged by itself: as derived (bp, il, …) and as published (bp-published, …).",
        "C5: il-prox trains at every learning rate of the grid (every run, and enough of them that the interval "
            + "lies above one half), where bp and il do not from α = 2.5 on (no run, and intervals apart); its "
            + "updates are smaller and vary less (at the largest α, logarithm of the ratio below 0 with "
            + "Student's interval). Shares with Clopper–Pearson intervals.",
        "C11: bp-prox trains less often than il-prox at α ≥ 2.5 (intervals apart; it does not hold if bp-prox "
            + "trains as often and in most runs); or, where both train, il-prox ends with the higher accuracy "
            + "(mean difference over seeds at each seed's α ≥ 2.5, Student's interval above 0).",
        "C25: exact implicit SGD trains at mini-batch 1 at every α ≥ 1 of the grid (every run, and enough of them that the "
            + "interval lies above one half).",
        "Premise: somebody trains, at the α in question; else the verdict is undecided.",
    ]

    private func trainedShare(
        _ rule: TrainingRule, _ rates: [Double], _ results: GridResults
    ) throws -> ClopperPearson? {
        guard grid.rules.contains(rule) else { return nil }
        let runs = rates.flatMap { results.runs(rule, $0) }
        guard !runs.isEmpty else { return nil }
        return try ClopperPearson(successes: runs.filter(trained).count, trials: runs.count)
    }

    /// How much smaller il-prox's updates are than another rule's, at the largest learning rate.
    private func updateJudgments(
        _ own: TrainingRule, _ other: TrainingRule, _ results: GridResults
    ) -> [Judgment] {
        guard let rate = grid.learningRates.max(), grid.rules.contains(own) else { return [] }
        let pairs = results.pairs(own, rate, other, rate)
        guard !pairs.isEmpty else { return [] }
        let isTrained = pairs.contains { trained($0.0) || trained($0.1) }
        let parts: [(String, (TrainingSummary) -> Double)] = [
            ("mean", { $0.updateNorm.mean }), ("variance", { $0.updateNorm.variance }),
        ]
        return parts.map { name, value in
            // Of a run that diverged the norm is infinite, and so is the logarithm.
            let gains = SeedSample(pairs.map { log10(value($0.1) / value($0.0)) })
            let verdict: Judgment.Verdict =
                gains.values.contains { $0.isNaN } ? .unmeasured
                : !isTrained ? .undecided
                : gains.values.contains(.infinity) && gains.values.allSatisfy { $0 > 0 } ? .holds
                : .init(positive: gains.interval())
            return Judgment(
                claim: "C5",
                quantity: "log₁₀ \(name) of ‖Δ‖, \(own.name) : \(other.name), largest α",
                estimate: -gains.mean, interval: gains.interval().map { -$0.upperBound...(-$0.lowerBound) },
                verdict: verdict)
        }
    }

    /// The difference of final accuracies over the large learning rates at which one of the two rules trained with
    /// any seed.
    private func accuracyGain(
        of own: TrainingRule, over other: TrainingRule, _ results: GridResults, _ rates: [Double]
    ) -> Judgment? {
        let isTrained = rates.contains { rate in
            [own, other].contains { results.runs($0, rate).contains(where: trained) }
        }
        let differences = grid.seeds.compactMap { seed -> Double? in
            let values = rates.compactMap { rate -> Double? in
                guard let accuracy = results.bySeed(own, rate)[seed]?.accuracy,
                    let otherAccuracy = results.bySeed(other, rate)[seed]?.accuracy
                else { return nil }
                return accuracy - otherAccuracy
            }
            return values.isEmpty ? nil : SeedSample(values).mean
        }
        guard !differences.isEmpty else { return nil }
        let sample = SeedSample(differences)
        return Judgment(
            claim: "C11", quantity: "accuracy of \(own.name) − \(other.name), \(Self.largeRates)",
            estimate: sample.mean, interval: sample.interval(),
            verdict: isTrained ? .init(positive: sample.interval()) : .undecided)
    }
}

extension Judgment {
    /// Of the share of a rule's runs that trained.
    fileprivate static func share(
        _ claim: String, of rule: TrainingRule, _ rates: String, _ share: ClopperPearson, _ verdict: Verdict
    ) -> Judgment {
        Judgment(
            claim: claim, quantity: "share of \(rule.name) runs that trained, \(rates)", estimate: share.rate,
            interval: share.lower...share.upper, verdict: verdict)
    }
}
