internal import Documents
internal import Foundation
internal import PropertyTesting
internal import Statistics
internal import Training

extension StabilityStudy {
    /// Verdicts on C5 and C11.
    func findings(_ results: GridResults) throws -> Table {
        var findings: [Finding] = []
        let proximal = TrainingRule.proximalInferenceLearning
        let all = try trainedShare(proximal, grid.rates(of: proximal), results)
        if let all {
            // The true share is above 0.9 or so only if every run trained; one failure contradicts.
            findings.append(
                .init(
                    claim: "C5", quantity: "share of il-prox runs that trained, every α",
                    estimate: all.rate, interval: all.lower...all.upper,
                    verdict: all.successes == all.trials ? .holds : .fails))
        }
        let large = grid.learningRates.filter { $0 >= Self.largeRate }
        for rule in [TrainingRule.backpropagation, .inferenceLearning] {
            guard let share = try trainedShare(rule, large, results) else { continue }
            findings.append(
                .init(
                    claim: "C5", quantity: "share of \(rule.name) runs that trained, α ≥ 2.5",
                    estimate: share.rate, interval: share.lower...share.upper,
                    verdict: share.successes == 0 ? .holds : .fails))
            findings += updateFindings(proximal, rule, results)
        }
        if let own = try trainedShare(proximal, large, results),
            let other = try trainedShare(.normalizedBackpropagation, large, results) {
            findings.append(
                .init(
                    claim: "C11", quantity: "share of bp-prox runs that trained, α ≥ 2.5",
                    estimate: other.rate, interval: other.lower...other.upper,
                    verdict: other.upper < own.lower ? .holds
                        : other.rate >= own.rate ? .fails : .undecided))
        }
        findings += normalizedAccuracy(results)
        return try Finding.table(findings, criteria: Self.criteria)
    }

    /// From here on the paper reports that BP and standard IL do not train.
    private static let largeRate = 2.5

    private static let criteria = [
        "C5: il-prox trains at every learning rate of the grid (every run), where bp and il do not from "
            + "α = 2.5 on (no run); its updates are smaller and vary less (at the largest α, logarithm of "
            + "the ratio below 0 with Student's interval). Shares with Clopper–Pearson intervals.",
        "C11: bp-prox trains less often than il-prox at α ≥ 2.5 (intervals apart); or, where both train, "
            + "il-prox ends with the higher accuracy (mean difference over seeds at each seed's α ≥ 2.5, "
            + "Student's interval above 0).",
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
    private func updateFindings(
        _ own: TrainingRule, _ other: TrainingRule, _ results: GridResults
    ) -> [Finding] {
        guard let rate = grid.learningRates.max(), grid.rules.contains(own) else { return [] }
        let (ownRuns, otherRuns) = (results.bySeed(own, rate), results.bySeed(other, rate))
        let pairs = grid.seeds.compactMap { seed in
            ownRuns[seed].flatMap { own in otherRuns[seed].map { (own, $0) } }
        }
        guard !pairs.isEmpty else { return [] }
        let parts: [(String, (TrainingSummary) -> Double)] = [
            ("mean", { $0.updateNorm.mean }), ("variance", { $0.updateNorm.variance }),
        ]
        return parts.map { name, value in
            // Of a run that diverged the norm is infinite, and so is the logarithm.
            let ratios = pairs.map { log10(value($0.0) / value($0.1)) }
            let sample = SeedSample(ratios)
            let interval = sample.interval()
            let verdict: Finding.Verdict =
                ratios.contains { $0.isNaN } ? .unmeasured
                : (interval?.upperBound ?? sample.mean) < 0 ? .holds
                : (interval?.lowerBound ?? sample.mean) > 0 ? .fails : .undecided
            return Finding(
                claim: "C5",
                quantity: "log₁₀ \(name) of ‖Δ‖, \(own.name) : \(other.name), largest α",
                estimate: sample.mean, interval: interval, verdict: verdict)
        }
    }

    /// The difference of final accuracies, il-prox less bp-prox, over the large learning rates.
    private func normalizedAccuracy(_ results: GridResults) -> [Finding] {
        let rates = grid.learningRates.filter { $0 >= Self.largeRate }
        let differences = grid.seeds.compactMap { seed -> Double? in
            let values = rates.compactMap { rate -> Double? in
                guard
                    let own = results.bySeed(.proximalInferenceLearning, rate)[seed]?.accuracy,
                    let other = results.bySeed(.normalizedBackpropagation, rate)[seed]?.accuracy
                else { return nil }
                return own - other
            }
            return values.isEmpty ? nil : SeedSample(values).mean
        }
        guard !differences.isEmpty else { return [] }
        let sample = SeedSample(differences)
        let interval = sample.interval()
        let verdict: Finding.Verdict =
            interval.map { $0.lowerBound > 0 ? .holds : $0.upperBound < 0 ? .fails : .undecided }
            ?? .undecided
        return [
            Finding(
                claim: "C11", quantity: "accuracy of il-prox − bp-prox, α ≥ 2.5",
                estimate: sample.mean, interval: interval, verdict: verdict)
        ]
    }
}
