public import Charts
internal import ErrorTables
internal import LearningRules
public import Documents

/// The charts of a study, made of the tables of its document, so that nothing is drawn that is not printed.
public enum StudyCharts {
    /// A chart for each table that has one, in the document's order:
    ///
    /// - final accuracy against learning rate (`stability`),
    /// - the course of accuracy or loss over iterations (`--course`), of the distance to implicit SGD's
    ///   weights (`trajectory`); one chart for each α where one would hold too many curves,
    /// - the nearest rule in each cell of a map (`phase`).
    public static func charts(of document: Document) throws -> [Chart] {
        let conditions = subtitle(document.provenance)
        return try document.blocks.flatMap { block -> [Chart] in
            guard case .table(let table) = block else { return [] }
            return try charts(of: table, conditions).map(styled)
        }
    }

    /// More curves than this cannot be told apart.
    private static let curveLimit = 12

    private static func charts(of table: Table, _ conditions: String) throws -> [Chart] {
        let rate = Axis("learning rate α", .logarithmic)
        if table.has("rule", "alpha", "accuracy", "accuracyDeviation", "diverged") {
            return [
                try Chart.lines(
                    table, x: "alpha", xAxis: rate, y: "accuracy", deviation: "accuracyDeviation",
                    yAxis: Axis("final test accuracy", .linear, range: 0...1), series: ["rule"],
                    title: "Final test accuracy against learning rate",
                    subtitle: conditions + "; mean ± sd of the runs that did not diverge")
            ]
        }
        if table.has("rule", "alpha", "iteration", "relativeDistance", "cosine") {
            return try courses(
                table, y: "relativeDistance", deviation: nil,
                axis: Axis("‖θ_rule − θ_implicit‖/‖θ_implicit − θ₀‖", .logarithmic),
                conditions + "; median and quartiles over seeds")
        }
        if table.has("rule", "alpha", "iteration", "accuracy", "accuracyDeviation", "testLoss") {
            let isClassified = table.holdsNumbers("accuracy")
            return try courses(
                table, y: isClassified ? "accuracy" : "testLoss",
                deviation: isClassified ? "accuracyDeviation" : nil,
                axis: isClassified
                    ? Axis("test accuracy", .linear, range: 0...1) : Axis("test loss", .logarithmic),
                conditions + (isClassified ? "; mean ± sd over seeds" : "; mean over seeds"))
        }
        if table.has("rule", "relativeDistance", "nearest", "cases"), table.columns.count == 6 {
            return [try nearestRule(table, conditions)]
        }
        return []
    }

    /// Curves over iterations: in one chart, or in one for each learning rate.
    private static func courses(
        _ table: Table, y: String, deviation: String?, axis: Axis, _ conditions: String
    ) throws -> [Chart] {
        func chart(_ table: Table, title: String, series: [String]) throws -> Chart {
            try Chart.lines(
                table, x: "iteration", xAxis: Axis("iteration", .linear), y: y, deviation: deviation,
                yAxis: axis, series: series, title: title, subtitle: conditions)
        }
        let curves = Set(table.rows.map { [table.text($0, "rule"), table.text($0, "alpha")] }).count
        if curves <= curveLimit {
            return [try chart(table, title: table.title, series: ["rule", "alpha"])]
        }
        var rates: [String] = []
        for row in table.rows where !rates.contains(table.text(row, "alpha")) {
            rates.append(table.text(row, "alpha"))
        }
        return try rates.map { rate in
            let part = try Table(
                title: table.title, columns: table.columns,
                rows: table.rows.filter { table.text($0, "alpha") == rate })
            return try chart(part, title: "\(table.title), α = \(rate)", series: ["rule"])
        }
    }

    /// The rule of the least median distance in each cell.
    private static func nearestRule(_ table: Table, _ conditions: String) throws -> Chart {
        let (row, column) = (table.columns[0], table.columns[1])
        var nearest: [(row: Cell, column: Cell, rule: String, distance: Double)] = []
        for cells in table.rows {
            guard case .quartiles(let median, _, _)? = table.cell(cells, "relativeDistance") else {
                continue
            }
            let found = (cells[0], cells[1], table.text(cells, "rule"), median)
            let known = nearest.firstIndex { $0.row == cells[0] && $0.column == cells[1] }
            if let known {
                if median < nearest[known].distance { nearest[known] = found }
            } else {
                nearest.append(found)
            }
        }
        let map = try Table(
            title: table.title,
            columns: [row, column, Column("nearestRule", format: .text)],
            rows: nearest.map { [$0.row, $0.column, .text($0.rule)] })
        var rules: [String] = []
        for cells in table.rows where !rules.contains(table.text(cells, "rule")) {
            rules.append(table.text(cells, "rule"))
        }
        return try Chart.categories(
            map, x: column.key, xTitle: column.title, y: row.key, yTitle: row.title,
            category: "nearestRule",
            symbols: rules.enumerated().map { index, name in
                HeatMap.Category(name, symbol: name.count <= 10 ? name : "\(index + 1)")
            },
            title: "The rule nearest to implicit SGD",
            subtitle: conditions + "; least median relative distance")
    }

    /// A rule looks the same in all charts.
    private static func styled(_ chart: Chart) -> Chart {
        guard case .lines(var lines) = chart.content else { return chart }
        for index in lines.series.indices {
            let rule = lines.series[index].label.split(separator: ",").first.map(String.init) ?? ""
            lines.series[index].style = RuleName(rawValue: rule)?.chartStyle
        }
        var chart = chart
        // Several curves of one rule cannot all have its look.
        if Set(lines.series.compactMap(\.style)).count == lines.series.compactMap(\.style).count {
            chart.content = .lines(lines)
        }
        return chart
    }

    /// Network, data and length of training, as far as the provenance tells.
    private static func subtitle(_ provenance: Provenance) -> String {
        let facts: [String] = ["network", "dataSet", "batchSize", "iterations"].compactMap { key in
            let text: String
            switch provenance[key] {
            case .text(let value): text = value
            case .integer(let value): text = String(value)
            default: return nil
            }
            switch key {
            case "batchSize": return "mini-batch \(text)"
            case "iterations": return "\(text) iterations"
            default: return text
            }
        }
        return facts.isEmpty ? "as in the tables" : facts.joined(separator: ", ")
    }
}

extension Table {
    fileprivate func has(_ keys: String...) -> Bool {
        keys.allSatisfy { key in columns.contains { $0.key == key } }
    }

    fileprivate func cell(_ row: [Cell], _ key: String) -> Cell? {
        columns.firstIndex { $0.key == key }.map { row[$0] }
    }

    fileprivate func text(_ row: [Cell], _ key: String) -> String {
        switch cell(row, key) {
        case .text(let text): text
        case .number(let value): NumberFormat.setting.string(value)
        case .integer(let value): String(value)
        default: ""
        }
    }

    fileprivate func holdsNumbers(_ key: String) -> Bool {
        rows.contains { row in if case .number? = cell(row, key) { true } else { false } }
    }
}
