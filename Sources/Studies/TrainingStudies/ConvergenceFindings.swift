internal import Foundation
internal import Documents
internal import Training

/// Verdicts on C6, C7 and C8, seed by seed at each rule's best learning rate.
struct ConvergenceFindings {
    let findings: [Finding]

    /// How far apart “matches” may be: one percentage point of accuracy, or one percent of the loss.
    private static let margin = 0.01

    static func criteria(_ metric: ConvergenceStudy.Metric) -> [String] {
        let speed =
            "il-prox needs fewer iterations than bp at mini-batch 1 (log₂ of the ratio bp : il-prox, "
            + "Student's interval over seeds above 0; runs that do not reach the target count as if they "
            + "reached it at their end, which favours the slower rule)"
        switch metric {
        case .accuracy:
            return [
                "C6: \(speed).",
                "C7: at mini-batch 64 the final accuracies of il-adam and bp-adam differ by at most 1 "
                    + "percentage point (Student's interval over seeds within ±0.01).",
                "The best learning rate is chosen by the same test examples, for every rule alike.",
            ]
        case .reconstruction:
            return [
                "C8: as C6, \(speed); and as C7, at mini-batch 64 the final losses of il-adam and "
                    + "bp-adam differ by at most 1 percent (il-adam : bp-adam − 1 within ±0.01).",
                "The best learning rate is chosen by the same test examples, for every rule alike.",
            ]
        }
    }

    init(
        _ metric: ConvergenceStudy.Metric, _ results: GridResults, _ chosen: BestRates,
        _ targets: [Double]
    ) {
        var findings: [Finding] = []
        let isSmall = results.grid.base.batchSize == 1
        let (own, other): (TrainingRule, TrainingRule) =
            isSmall
            ? (.proximalInferenceLearning, .backpropagation)
            : (.inferenceLearningAdam, .backpropagationAdam)
        let pairs = Self.pairs(own, other, results, chosen)
        guard !pairs.isEmpty else {
            self.findings = []
            return
        }
        if isSmall {
            let claim = metric == .accuracy ? "C6" : "C8"
            for target in targets {
                findings += Self.speed(claim, target, metric, pairs, results.grid.base.iterations)
            }
        }
        findings.append(
            Self.final(metric, own, other, pairs, isJudged: !isSmall))
        self.findings = findings
    }

    private static func pairs(
        _ own: TrainingRule, _ other: TrainingRule, _ results: GridResults, _ chosen: BestRates
    ) -> [(TrainingSummary, TrainingSummary)] {
        guard let ownRate = chosen.rate(of: own), let otherRate = chosen.rate(of: other) else {
            return []
        }
        let (ownRuns, otherRuns) = (results.bySeed(own, ownRate), results.bySeed(other, otherRate))
        return results.grid.seeds.compactMap { seed in
            ownRuns[seed].flatMap { own in otherRuns[seed].map { (own, $0) } }
        }
    }

    private static func speed(
        _ claim: String, _ target: Double, _ metric: ConvergenceStudy.Metric,
        _ pairs: [(TrainingSummary, TrainingSummary)], _ iterations: Int
    ) -> [Finding] {
        let reached = pairs.filter { own, other in
            metric.iteration(of: own, reaching: target) != nil
                || metric.iteration(of: other, reaching: target) != nil
        }
        let name = "log₂ iterations bp : il-prox to \(NumberFormat.setting.string(target))"
        guard reached.count == pairs.count else {
            return [
                Finding(
                    claim: claim, quantity: name, estimate: .nan, interval: nil, verdict: .unmeasured)
            ]
        }
        let ratios = pairs.map { own, other in
            log2(
                Double(metric.iteration(of: other, reaching: target) ?? iterations)
                    / Double(metric.iteration(of: own, reaching: target) ?? iterations))
        }
        let sample = SeedSample(ratios)
        let interval = sample.interval()
        let verdict: Finding.Verdict =
            interval.map { $0.lowerBound > 0 ? .holds : $0.upperBound < 0 ? .fails : .undecided }
            ?? .undecided
        return [
            Finding(
                claim: claim, quantity: name, estimate: sample.mean, interval: interval, verdict: verdict)
        ]
    }

    /// The difference at the end; judged as equivalence at the large mini-batch, only shown at 1.
    private static func final(
        _ metric: ConvergenceStudy.Metric, _ own: TrainingRule, _ other: TrainingRule,
        _ pairs: [(TrainingSummary, TrainingSummary)], isJudged: Bool
    ) -> Finding {
        let values = pairs.compactMap { a, b -> Double? in
            guard let a = metric.value(a), let b = metric.value(b) else { return nil }
            return metric == .accuracy ? a - b : a / b - 1
        }
        let sample = SeedSample(values)
        let interval = values.count == pairs.count ? sample.interval() : nil
        var verdict = Finding.Verdict.undecided
        if let interval {
            let better = metric == .accuracy ? interval.lowerBound > 0 : interval.upperBound < 0
            let worse = metric == .accuracy ? interval.upperBound < 0 : interval.lowerBound > 0
            if isJudged {
                if interval.lowerBound >= -margin, interval.upperBound <= margin {
                    verdict = .holds
                } else if interval.lowerBound > margin || interval.upperBound < -margin {
                    verdict = .fails
                }
            } else if better {
                verdict = .holds
            } else if worse {
                verdict = .fails
            }
        }
        let what = metric == .accuracy ? "final accuracy, \(own.name) − \(other.name)"
            : "final loss, \(own.name) : \(other.name) − 1"
        let claim = metric == .reconstruction ? "C8" : isJudged ? "C7" : "C6"
        return Finding(
            claim: claim, quantity: what, estimate: values.isEmpty ? .nan : sample.mean,
            interval: interval, verdict: verdict)
    }
}
