public import RunStore
public import Documents

/// Which rule's update is nearest to the exact one: a map over learning rate and inference steps, and
/// one over depth and width.
public struct PhaseStudy: ExperimentStudy {
    public let name = "phase"
    /// What all cells share; rate, steps and widths are those of the depth–width map.
    public var base: PhaseConfiguration
    public var dataDirectory: String?
    /// The rows of the first map.
    public var learningRates: [Double]
    /// The columns of the first map.
    public var steps: [Int]
    /// The rows of the second map: numbers of hidden layers.
    public var depths: [Int]
    /// The columns of the second map: units of each hidden layer.
    public var hiddenWidths: [Int]

    public init(
        base: PhaseConfiguration, dataDirectory: String? = nil, learningRates: [Double],
        steps: [Int], depths: [Int], hiddenWidths: [Int]
    ) {
        self.base = base
        self.dataDirectory = dataDirectory
        self.learningRates = learningRates
        self.steps = steps
        self.depths = depths
        self.hiddenWidths = hiddenWidths
    }

    public func plan() throws -> [PlannedRun] {
        var seen: Set<String> = []
        return try (rateCells + sizeCells).map { try planned($0) }
            .filter { seen.insert($0.identity.key).inserted }
    }

    private var rateCells: [PhaseConfiguration] {
        learningRates.flatMap { rate in steps.map { rateCell(rate, $0) } }
    }

    private var sizeCells: [PhaseConfiguration] {
        depths.flatMap { depth in hiddenWidths.map { sizeCell(depth, $0) } }
    }

    private func rateCell(_ rate: Double, _ steps: Int) -> PhaseConfiguration {
        var cell = base
        cell.learningRate = rate
        cell.steps = steps
        return cell
    }

    private func sizeCell(_ depth: Int, _ width: Int) -> PhaseConfiguration {
        var cell = base
        cell.widths =
            base.widths.prefix(1) + Array(repeating: width, count: depth) + base.widths.suffix(1)
        return cell
    }

    private func identity(_ cell: PhaseConfiguration) throws -> RunIdentity {
        try RunIdentity(kind: "phase", configuration: cell, version: ResultVersion.current)
    }

    private func planned(_ cell: PhaseConfiguration) throws -> PlannedRun {
        let directory = dataDirectory
        let sizes = cell.widths.map(String.init).joined(separator: "-")
        return PlannedRun(
            identity: try identity(cell),
            label: "\(sizes) α=\(NumberFormat.setting.string(cell.learningRate)) \(cell.steps) steps",
            work: cell.cases
        ) { checkpoint in
            try PhaseRun(cell, directory: directory, checkpoint: checkpoint)
        }
    }

    public func results(_ store: ResultStore, provenance: Provenance) throws -> StudyResults {
        var document = Document(title: "Which rule is nearest to implicit SGD", provenance: provenance)
        func rows(_ cell: PhaseConfiguration) throws -> [PhaseRow]? {
            try store.finishedRows(identity(cell), as: PhaseRow.self)
        }
        if !learningRates.isEmpty, !steps.isEmpty {
            let map = PhaseMap(
                title: "Learning rate and inference steps",
                row: ("alpha", "α", learningRates.map { .number($0) }),
                column: ("steps", "steps", steps.map { .integer($0) }),
                cells: try learningRates.map { rate in try steps.map { try rows(rateCell(rate, $0)) } })
            for table in try map.tables(base.rules, conditions: "\(base.network), \(base.dataInWords)") {
                document.appendTable(table)
            }
        }
        if !depths.isEmpty, !hiddenWidths.isEmpty {
            let map = PhaseMap(
                title: "Hidden layers and their width",
                row: ("depth", "hidden layers", depths.map { .integer($0) }),
                column: ("width", "units", hiddenWidths.map { .integer($0) }),
                cells: try depths.map { depth in
                    try hiddenWidths.map { try rows(sizeCell(depth, $0)) }
                })
            let conditions =
                "\(base.networkOfAnyDepth), \(base.dataInWords), "
                + "α = \(NumberFormat.setting.string(base.learningRate)), \(base.steps) steps"
            for table in try map.tables(base.rules, conditions: conditions) { document.appendTable(table) }
        }
        return StudyResults(tables: document, judgments: .none)
    }
}
