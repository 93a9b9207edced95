public import RunStore
internal import Documents
internal import Training

/// The studies whose runs a store holds, made again from the runs' own configurations.
///
/// Runs whose configurations are equal up to rule, learning rate and seed are a study:
///
/// - training runs with mini-batch 1 at several learning rates are one of stability, and those at
///   any mini-batches, all else equal, one of convergence;
/// - so are reconstructions, and trajectories one of their own;
/// - cells of the nearest rule are maps.
///
/// *Law:* the tables are those that the study's own command prints with `--tables-only`, if all its runs
/// were begun, its rules, learning rates and seeds are named in the order of the catalogue and of
/// numbers, and its targets are the usual ones. No data set is read.
public struct StoredStudies: Sendable {
    /// In the order of stability, convergence, reconstruction, trajectory, phase.
    public let studies: [StoredStudy]
    /// What the studies leave out, a sentence each; empty if they have every run.
    public let remarks: [String]

    /// Finds the studies; reads nothing but configurations.
    ///
    /// - Throws: `StoreError`.
    public init(in store: ResultStore) throws(StoreError) {
        let records = try store.records()
        let training = StoredGrids(.training, among: records)
        let autoencoder = StoredGrids(.autoencoder, among: records)
        let trajectory = StoredGrids(.trajectory, among: records)
        let phase = StoredMaps(among: records)
        var studies: [StoredStudy] = []
        for grid in training.grids where grid.base.batchSize == 1 && grid.allRates.count > 1 {
            studies.append(
                StoredStudy(StabilityStudy(grid, trainedAccuracy: StabilityStudy.usualAccuracy), [grid]))
        }
        for (metric, found) in [
            (ConvergenceStudy.Metric.accuracy, training), (.reconstruction, autoencoder),
        ] {
            studies += found.byMiniBatch.map { grids in
                StoredStudy(
                    ConvergenceStudy(
                        metric, grids: grids, targets: metric.usualTargets, showsCourse: true), grids)
            }
        }
        studies += trajectory.grids.map { StoredStudy(TrajectoryStudy($0), [$0]) }
        studies += phase.maps.map { StoredStudy(study: $0.study, facts: $0.facts) }
        self.studies = studies
        remarks = Self.remarks(
            foreign: [training.foreign, autoencoder.foreign, trajectory.foreign, phase.foreign],
            unfinished: [
                training.unfinished, autoencoder.unfinished, trajectory.unfinished, phase.unfinished,
            ])
    }

    private static func remarks(foreign: [Int], unfinished: [Int]) -> [String] {
        let (others, begun) = (foreign.reduce(0, +), unfinished.reduce(0, +))
        var remarks: [String] = []
        if others > 0 {
            remarks.append(
                "Runs that another build of the program made, left out: \(others) (this is version "
                    + "\(ResultVersion.current)).")
        }
        if begun > 0 {
            remarks.append("Unfinished runs, none of whose study is finished, left out: \(begun).")
        }
        return remarks
    }
}

/// A study whose runs are in a store; it has tables, and no data to train on.
public struct StoredStudy: Sendable {
    let study: any ExperimentStudy
    /// What is known of its runs besides what the study's own provenance says.
    let facts: Provenance

    /// The subcommand whose study it is.
    public var name: String { study.name }

    /// Tables and judgments, with the conditions of the runs as provenance.
    public func results(_ store: ResultStore) throws -> StudyResults {
        var results = try study.results(store, provenance: [:])
        for fact in facts.entries { results.tables.provenance.set(fact.key, title: fact.title, to: fact.value) }
        return results
    }
}

extension StoredStudy {
    fileprivate init(_ study: any ExperimentStudy, _ grids: [TrainingGrid]) {
        var facts: Provenance = [:]
        func joined(_ values: [Int]) -> Cell {
            let distinct = Set(values).sorted()
            return .text(distinct.map(String.init).joined(separator: ","))
        }
        facts.set(
            "measuredEvery", title: "iterations between measurements",
            to: joined(grids.map(\.base.evaluateEvery)))
        facts.set(
            "comparedEvery", title: "iterations between comparisons with exact updates (0: none)",
            to: joined(grids.map(\.base.compareEvery)))
        self.init(study: study, facts: facts)
    }
}
