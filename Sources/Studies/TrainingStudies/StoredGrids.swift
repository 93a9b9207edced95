internal import JSON
internal import RunStore
internal import LearningRules
internal import Training

/// The grids that the stored training runs of one kind span.
///
/// Runs are of one grid if their configurations differ in rule, learning rate and seed at most. Its
/// axes are all that occur, of unfinished runs too, so that what is missing is counted as missing; a
/// grid without any finished run is none. The runs of a published experiment are one grid, in which rules have constants
/// of their own.
struct StoredGrids {
    let kind: TrainingKind
    /// By data set, network and mini-batch.
    let grids: [TrainingGrid]
    /// Runs that belong to no grid because this program did not make them.
    let foreign: Int
    /// Runs of which not one of the same grid is finished.
    let unfinished: Int

    init(_ kind: TrainingKind, among records: [RunRecord]) {
        let stored = StoredRuns<TrainingConfiguration>(kind.rawValue, among: records)
        let experiments = StoredExperiments(among: stored.runs.map { ($0.configuration, $0.isFinished) })
        let groups = experiments.groups.map { ($0.base, $0.runs, Optional($0.experiment)) }
            + Dictionary(grouping: experiments.others) { $0.configuration.withoutPlaceInGrid }.map { ($0, $1, nil) }
        var (grids, unfinished, unknown): ([TrainingGrid], Int, Int) = ([], 0, 0)
        for (base, runs, experiment) in groups {
            if !runs.contains(where: \.isFinished) {
                unfinished += runs.count
            } else if let grid = Self.grid(base, runs.map(\.configuration), kind, experiment) {
                grids.append(grid)
            } else {
                unknown += runs.count
            }
        }
        self.kind = kind
        self.grids = grids.sorted { $0.base.readsBefore($1.base) }
        self.unfinished = unfinished
        foreign = stored.foreign + unknown
    }

    private static func grid(
        _ base: TrainingConfiguration, _ runs: [TrainingConfiguration], _ kind: TrainingKind,
        _ experiment: PublishedExperiment?
    ) -> TrainingGrid? {
        let source = TrainingSource(
            storedName: base.dataSet, task: kind == .autoencoder ? .autoencoder : .classification,
            trainingExamples: base.trainingExamples, testExamples: base.testExamples)
        func rates(adam: Bool) -> [Double] {
            Set(runs.filter { $0.rule.scalesGradients == adam }.map(\.learningRate)).sorted()
        }
        return source.map { source in
            var grid = TrainingGrid(
                base: base, source: source,
                rules: RuleRegistry.trained.trainingRules.filter { rule in runs.contains { $0.rule == rule } },
                learningRates: rates(adam: false), adamLearningRates: rates(adam: true),
                seeds: Set(runs.map(\.seed)).sorted())
            for rule in grid.rules {
                guard var place = experiment?.place(of: rule) else { continue }
                let rates = Set(runs.filter { $0.rule == rule }.map(\.learningRate))
                place.learningRates.removeAll { !rates.contains($0) }
                grid.ownPlaces[rule] = place
            }
            return grid
        }
    }

    /// Grids that differ in the mini-batch only, together.
    var byMiniBatch: [[TrainingGrid]] {
        var result: [[TrainingGrid]] = []
        for grid in grids {
            let known = result.firstIndex { $0[0].base.withMiniBatch(1) == grid.base.withMiniBatch(1) }
            if let known { result[known].append(grid) } else { result.append([grid]) }
        }
        return result
    }
}

extension TrainingConfiguration {
    /// The same for all runs of a grid.
    var withoutPlaceInGrid: Self {
        var result = self
        result.rule = TrainingRule(.backpropagation)
        result.learningRate = 1
        result.seed = 0
        if result.constants.start != .feedforward { result.constants.start = .random(seed: 0) }
        return result
    }

    fileprivate func withMiniBatch(_ size: Int) -> Self {
        var result = self
        result.batchSize = size
        return result
    }

    /// An order in which studies are shown, the same for any order of runs in the store.
    fileprivate func readsBefore(_ other: Self) -> Bool {
        if dataSet != other.dataSet { return dataSet < other.dataSet }
        if widths != other.widths { return widths.lexicographicallyPrecedes(other.widths) }
        if batchSize != other.batchSize { return batchSize < other.batchSize }
        let texts = [self, other].map { (try? CanonicalJSON.text($0)) ?? "" }
        return texts[0] < texts[1]
    }
}
