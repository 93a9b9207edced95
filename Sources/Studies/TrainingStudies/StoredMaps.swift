internal import JSON
internal import RunStore
internal import Networks
internal import Documents

/// The phase maps that stored cells span.
///
/// Cells at one network that differ in learning rate and inference steps are a map over these; cells
/// at one learning rate and number of steps whose hidden layers differ in number and width are a map
/// over those. A cell that only completes a map of the other sort is no row or column of its own.
struct StoredMaps {
    /// A map, and what all its cells share.
    let maps: [(study: PhaseStudy, facts: Provenance)]
    let foreign: Int
    let unfinished: Int

    init(among records: [RunRecord]) {
        let stored = StoredRuns<PhaseConfiguration>("phase", among: records)
        let groups = Dictionary(grouping: stored.runs) { $0.configuration.withoutPlaceInMaps }
        let finished = groups.filter { $0.value.contains(where: \.isFinished) }
        let names = finished.keys.map { ($0, (try? CanonicalJSON.text($0)) ?? "") }
        maps = names.sorted { $0.1 < $1.1 }.flatMap { base, _ in
            Self.maps(finished[base, default: []].map(\.configuration))
        }
        foreign = stored.foreign
        unfinished = stored.runs.count - finished.values.reduce(0) { $0 + $1.count }
    }

    private static func maps(_ cells: [PhaseConfiguration]) -> [(study: PhaseStudy, facts: Provenance)] {
        let byNetwork = Dictionary(grouping: cells, by: \.widths)
        let byPoint = Dictionary(grouping: cells.filter { $0.hiddenLayers != nil }, by: \.point)
        var result: [(study: PhaseStudy, facts: Provenance)] = []
        for widths in byNetwork.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let own = byNetwork[widths, default: []].filter { byPoint[$0.point, default: []].count < 2 }
            guard let base = own.first, byNetwork[widths, default: []].count > 1 else { continue }
            let study = PhaseStudy(
                base: base, learningRates: Set(own.map(\.learningRate)).sorted(),
                steps: Set(own.map(\.steps)).sorted(), depths: [], hiddenWidths: [])
            result.append((study, base.facts))
        }
        let points = byPoint.keys.sorted { ($0.learningRate, $0.steps) < ($1.learningRate, $1.steps) }
        for point in points {
            let all = byPoint[point, default: []]
            let own = all.filter { byNetwork[$0.widths, default: []].count < 2 }
            guard let base = own.first, all.count > 1 else { continue }
            let study = PhaseStudy(
                base: base, learningRates: [], steps: [],
                depths: Set(own.compactMap { $0.hiddenLayers?.count }).sorted(),
                hiddenWidths: Set(own.compactMap { $0.hiddenLayers?.first }).sorted())
            var facts = base.facts
            facts.set("network", to: .text(base.networkOfAnyDepth))
            facts.set("alpha", title: "α", to: .number(point.learningRate))
            facts.set("steps", to: .integer(point.steps))
            result.append((study, facts))
        }
        return result
    }
}

/// A place in the map over learning rate and inference steps.
private struct Point: Hashable {
    let learningRate: Double
    let steps: Int
}

extension PhaseConfiguration {
    /// The same for all cells that could share a map.
    fileprivate var withoutPlaceInMaps: Self {
        var result = self
        result.learningRate = 1
        result.steps = 0
        result.widths = [widths.first ?? 0, widths.last ?? 0]
        return result
    }

    fileprivate var point: Point { Point(learningRate: learningRate, steps: steps) }

    /// The widths of the hidden layers if they are all the same and there is one.
    fileprivate var hiddenLayers: [Int]? {
        let hidden = Array(widths.dropFirst().dropLast())
        return Set(hidden).count == 1 ? hidden : nil
    }

    /// What an output says of the cells.
    fileprivate var facts: Provenance {
        var result: Provenance = [:]
        result.set("network", to: .text(network))
        result.set("initialization", to: .text(initialization.name))
        result.set("loss", to: .text(loss.name))
        result.set("dataSet", title: "data set", to: .text(dataSet))
        result.set("batchSize", title: "mini-batch", to: .integer(batchSize))
        result.set("cases", to: .integer(cases))
        result.set("seed", to: .text("\(seed)"))
        return result
    }
}
