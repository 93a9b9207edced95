internal import Documents
internal import ErrorTables
internal import LearningRules
internal import Statistics

/// A map of cells, each with the cases that were measured in it (`nil`: not there yet).
struct PhaseMap {
    let title: String
    /// Key, title and values of the rows, and of the columns.
    let row: (key: String, title: String, values: [Cell])
    let column: (key: String, title: String, values: [Cell])
    let cells: [[[PhaseRow]?]]

    /// One rule's distances in the cases of a cell.
    private func distances(_ rule: String, _ rows: [PhaseRow]) -> [Double] {
        rows.filter(\.isExact).compactMap { row in
            row.rules.first { $0.name == rule }?.relativeDistance
        }
    }

    /// In how many cases the rule is nearest.
    private func wins(_ rule: String, _ rows: [PhaseRow]) -> Int {
        rows.filter(\.isExact).filter { row in
            row.rules.filter { $0.relativeDistance != nil }.min {
                ($0.relativeDistance ?? .infinity) < ($1.relativeDistance ?? .infinity)
            }?.name == rule
        }.count
    }

    /// The rules with their median distances, the nearest first.
    private func ranking(_ rows: [PhaseRow]) -> [(rule: String, median: Double)] {
        (rows.first?.rules.map(\.name) ?? []).compactMap { rule in
            Quartiles(distances(rule, rows)).map { (rule, $0.median) }
        }.sorted { $0.1 < $1.1 }
    }

    private func nearest(_ rows: [PhaseRow]) -> (rule: String, median: Double)? { ranking(rows).first }

    /// How narrow a square was: `0.91, next 0.92`; with the digits in which the two differ, four at most.
    private func margin(_ rows: [PhaseRow]) -> String {
        let medians = ranking(rows).map(\.median)
        guard let first = medians.first else { return "" }
        guard medians.count > 1 else { return NumberFormat.significant(2).string(first) }
        let (own, next) = NumberFormat.telling(first, from: medians[1])
        return "\(own), next \(next)"
    }

    /// The nearest rule of each cell with its chart, then all rules in all cells.
    func tables(_ rules: [String], conditions: String) throws(TableError) -> [Table] {
        var winners = try winners()
        if cells.joined().contains(where: { $0 != nil }) { winners.charts = [chart(rules, conditions)] }
        return [winners, try measures(rules)]
    }

    private func chart(_ rules: [String], _ conditions: String) -> Chart {
        Chart(
            title: "The rule nearest to implicit SGD",
            subtitle: conditions + "; its median relative distance, and that of the next",
            content: .heatMap(
                HeatMap(
                    xTitle: column.title, columns: column.values.map(Self.text), yTitle: row.title,
                    rows: row.values.map(Self.text),
                    categories: rules.enumerated().map { index, name in
                        HeatMap.Category(
                            name, symbol: name.count <= 10 ? name : "\(index + 1)",
                            style: RuleEntry.named(name)?.chartStyle)
                    },
                    squares: cells.map { $0.map { $0.flatMap(nearest).flatMap { rules.firstIndex(of: $0.rule) } } },
                    remarks: cells.map { $0.map { $0.map(margin) ?? "" } })))
    }

    /// The nearest rule of each cell, with its distance.
    private func winners() throws(TableError) -> Table {
        var table = try Table(
            title: "Nearest rule: " + title.lowercasedFirst,
            columns: [
                Column(row.key, title: row.title, format: .setting, identifiesRow: true)
            ] + column.values.map { value in
                let text = Self.text(value)
                return Column("\(column.key)=\(text)", title: "\(text) \(column.title)", format: .text)
            })
        for (index, value) in row.values.enumerated() {
            try table.append([value] + cells[index].map { cell($0) })
        }
        table.notes = [
            "The rule with the least median relative distance ‖Δ − Δ_imp‖/‖Δ_imp‖, that median, that of the "
                + "next rule, and in how many cases with a certified exact update the rule is the nearest."
        ]
        let all = cells.joined().compactMap { $0 }.joined()
        let missed = all.filter { !$0.isExact }.count
        if missed > 0 {
            table.notes.append("\(missed) of \(all.count) exact updates did not converge and are left out.")
        }
        return table
    }

    private func cell(_ rows: [PhaseRow]?) -> Cell {
        guard let rows else { return .missing(reason: "the run is not finished") }
        guard let found = nearest(rows) else { return .missing(reason: "no exact update was found") }
        let count = rows.filter(\.isExact).count
        return .text("\(found.rule) \(margin(rows)) (\(wins(found.rule, rows))/\(count))")
    }

    /// All rules in all cells: the numbers behind the map.
    private func measures(_ rules: [String]) throws(TableError) -> Table {
        var table = try Table(
            title: "Relative distances: " + title.lowercasedFirst,
            columns: [
                Column(row.key, title: row.title, format: .setting, identifiesRow: true),
                Column(column.key, title: column.title, format: .integer, identifiesRow: true),
                Column("rule", format: .text, identifiesRow: true),
                Column(
                    "relativeDistance", title: "relative distance", format: .quartiles(.significant(2))),
                Column("nearest", title: "nearest in", format: .integer),
                Column("cases", format: .integer),
            ])
        for (r, rowValue) in row.values.enumerated() {
            for (c, columnValue) in column.values.enumerated() {
                guard let rows = cells[r][c] else { continue }
                for rule in rules {
                    try table.append([
                        rowValue, columnValue, .text(rule),
                        .quartiles(
                            of: distances(rule, rows), orMissing: "no exact update or no update of the rule"),
                        .integer(wins(rule, rows)), .integer(rows.filter(\.isExact).count),
                    ])
                }
            }
        }
        return table
    }

    private static func text(_ cell: Cell) -> String {
        switch cell {
        case .integer(let value): "\(value)"
        case .number(let value): NumberFormat.setting.string(value)
        default: ""
        }
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
