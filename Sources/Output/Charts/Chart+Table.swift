public import Documents

/// Charts of tables, so that a subcommand that has a table has a chart.
extension Chart {
    /// Curves from a table with a row for each point.
    ///
    /// ```
    /// rule     α     accuracy
    /// bp       0.01  0.81 [0.79, 0.84]
    /// bp       0.1   0.10 [0.10, 0.11]
    /// il-prox  0.01  0.80 [0.78, 0.83]
    /// ```
    ///
    /// Rows whose value is missing are left out. Points are ordered by `x`; series stand in order of first
    /// appearance.
    ///
    /// - Parameters:
    ///   - x: the key of a column of numbers.
    ///   - y: the key of a column of numbers or quartiles.
    ///   - deviation: the key of a column of standard deviations; then bands are y ± deviation.
    ///   - series: the keys of the columns that together name a curve; none for a single one.
    ///   - title: `nil` means the table's.
    ///   - orders: slopes that theory predicts.
    ///   - table: the rows to draw.
    ///   - xAxis: the words and the scale of the horizontal axis.
    ///   - yAxis: the same of the vertical axis.
    ///   - subtitle: the conditions, in one line.
    /// - Throws: `ChartError` if a column is not there, or `x` or `y` holds something else.
    public static func lines(
        _ table: Table, x: String, xAxis: Axis, y: String, deviation: String? = nil, yAxis: Axis,
        series: [String] = [], title: String? = nil, subtitle: String = "", orders: [LineChart.PredictedOrder] = []
    ) throws(ChartError) -> Chart {
        let xIndex = try table.column(x)
        let yIndex = try table.column(y)
        var spread: (index: Int, key: String)?
        if let deviation { spread = (try table.column(deviation), deviation) }
        var names: [Int] = []
        for key in series { names.append(try table.column(key)) }
        var result: [LineChart.Series] = []
        for row in table.rows {
            guard case .some(let place) = try row[xIndex].point(key: x),
                let value = try row[yIndex].point(key: y)
            else { continue }
            let label = names.map { row[$0].chartText }.joined(separator: ", ")
            var point = LineChart.Point(
                x: place.middle, y: value.middle, lower: value.lower, upper: value.upper)
            if let spread, let width = try row[spread.index].point(key: spread.key)?.middle {
                (point.lower, point.upper) = (point.y - width, point.y + width)
            }
            if let known = result.firstIndex(where: { $0.label == label }) {
                result[known].points.append(point)
            } else {
                result.append(LineChart.Series(label, [point]))
            }
        }
        for index in result.indices { result[index].points.sort { $0.x < $1.x } }
        return Chart(
            title: title ?? table.title, subtitle: subtitle,
            content: .lines(LineChart(x: xAxis, y: yAxis, series: result, orders: orders)))
    }

    /// Curves from a table with a row for each curve and a column for each place on the x axis, as the
    /// tables of rules by learning rate are.
    ///
    /// - Parameters:
    ///   - columns: the place on the x axis of each column, by the column's key.
    ///   - series: the keys of the columns that together name a curve; none for a single one.
    ///   - table: the rows to draw.
    ///   - xAxis: the words and the scale of the horizontal axis.
    ///   - yAxis: the same of the vertical axis.
    ///   - title: `nil` means the table's.
    ///   - subtitle: the conditions, in one line.
    ///   - orders: slopes that theory predicts.
    /// - Throws: `ChartError`.
    public static func lines(
        _ table: Table, columns: [(key: String, x: Double)], xAxis: Axis, yAxis: Axis,
        series: [String] = [], title: String? = nil, subtitle: String = "",
        orders: [LineChart.PredictedOrder] = []
    ) throws(ChartError) -> Chart {
        var names: [Int] = []
        for key in series { names.append(try table.column(key)) }
        var places: [(index: Int, key: String, x: Double)] = []
        for (key, x) in columns { places.append((try table.column(key), key, x)) }
        places.sort { $0.x < $1.x }
        var result: [LineChart.Series] = []
        for row in table.rows {
            var points: [LineChart.Point] = []
            for (index, key, x) in places {
                guard let value = try row[index].point(key: key) else { continue }
                points.append(
                    .init(x: x, y: value.middle, lower: value.lower, upper: value.upper))
            }
            result.append(.init(names.map { row[$0].chartText }.joined(separator: ", "), points))
        }
        return Chart(
            title: title ?? table.title, subtitle: subtitle,
            content: .lines(LineChart(x: xAxis, y: yAxis, series: result, orders: orders)))
    }

    /// A heat map of numbers from a table with a row for each square.
    ///
    /// Rows and columns stand in order of first appearance. Of two rows for one square the later one counts.
    ///
    /// - Parameters:
    ///   - x: the key of the column that says which column of the map a square is in, with its words.
    ///   - y: the same for the row of the map.
    ///   - value: the key of a column of numbers or quartiles, of which the median counts.
    ///   - table: the rows to draw.
    ///   - xTitle: the words below the map.
    ///   - yTitle: the words beside it.
    ///   - valueAxis: what values measure, and how they become colours.
    ///   - title: `nil` means the table's.
    ///   - subtitle: the conditions, in one line.
    /// - Throws: `ChartError`.
    public static func heatMap(
        _ table: Table, x: String, xTitle: String, y: String, yTitle: String, value: String,
        valueAxis: Axis, title: String? = nil, subtitle: String = ""
    ) throws(ChartError) -> Chart {
        let squares = try table.squares(x: x, y: y, value: value)
        var values: [[Double?]] = []
        for row in squares.cells {
            var line: [Double?] = []
            for cell in row { line.append(try cell?.point(key: value)?.middle) }
            values.append(line)
        }
        return Chart(
            title: title ?? table.title, subtitle: subtitle,
            content: .heatMap(
                HeatMap(
                    xTitle: xTitle, columns: squares.columns, yTitle: yTitle, rows: squares.rows,
                    value: valueAxis, values: values)))
    }

    /// A heat map of categories from a table with a row for each square, whose column `category` holds words.
    ///
    /// - Parameter symbols: the category of each word that can occur, in the order of the legend. Words
    ///   that are not among them are errors, so that no result is silently left out.
    /// - Parameter table: the rows to draw.
    /// - Parameter x: the key of the column that says which column of the map a square is in.
    /// - Parameter xTitle: the words below the map.
    /// - Parameter y: the same for the row of the map.
    /// - Parameter yTitle: the words beside it.
    /// - Parameter category: the key of the column of words.
    /// - Parameter title: `nil` means the table's.
    /// - Parameter subtitle: the conditions, in one line.
    /// - Throws: `ChartError`.
    public static func categories(
        _ table: Table, x: String, xTitle: String, y: String, yTitle: String, category: String,
        symbols: [HeatMap.Category], title: String? = nil, subtitle: String = ""
    ) throws(ChartError) -> Chart {
        let squares = try table.squares(x: x, y: y, value: category)
        var indices: [[Int?]] = []
        for row in squares.cells {
            var line: [Int?] = []
            for cell in row {
                guard let cell, cell.isPresent else {
                    line.append(nil)
                    continue
                }
                guard let index = symbols.firstIndex(where: { $0.label == cell.chartText }) else {
                    throw .unknownCategory(cell.chartText)
                }
                line.append(index)
            }
            indices.append(line)
        }
        return Chart(
            title: title ?? table.title, subtitle: subtitle,
            content: .heatMap(
                HeatMap(
                    xTitle: xTitle, columns: squares.columns, yTitle: yTitle, rows: squares.rows,
                    categories: symbols, squares: indices)))
    }
}

/// Why a table does not make a chart.
public enum ChartError: Error, Equatable, Sendable, CustomStringConvertible {
    case noColumn(key: String, table: String)
    case notNumeric(key: String)
    case unknownCategory(String)

    public var description: String {
        switch self {
        case .noColumn(let key, let table): "table “\(table)” has no column \(key) for a chart"
        case .notNumeric(let key): "column \(key) holds no numbers for a chart"
        case .unknownCategory(let word): "“\(word)” is none of the chart's categories"
        }
    }
}

extension Table {
    fileprivate func column(_ key: String) throws(ChartError) -> Int {
        guard let index = columns.firstIndex(where: { $0.key == key }) else {
            throw .noColumn(key: key, table: title)
        }
        return index
    }

    fileprivate func squares(
        x: String, y: String, value: String
    ) throws(ChartError) -> (columns: [String], rows: [String], cells: [[Cell?]]) {
        let (xIndex, yIndex, valueIndex) = (try column(x), try column(y), try column(value))
        var columns: [String] = []
        var names: [String] = []
        for row in rows {
            let (column, name) = (row[xIndex].chartText, row[yIndex].chartText)
            if !columns.contains(column) { columns.append(column) }
            if !names.contains(name) { names.append(name) }
        }
        var cells = [[Cell?]](
            repeating: [Cell?](repeating: nil, count: columns.count), count: names.count)
        for row in rows {
            guard let y = names.firstIndex(of: row[yIndex].chartText),
                let x = columns.firstIndex(of: row[xIndex].chartText)
            else { continue }
            cells[y][x] = row[valueIndex]
        }
        return (columns, names, cells)
    }
}

extension Cell {
    fileprivate var isPresent: Bool { if case .missing = self { false } else { true } }

    /// The cell as a number with its quartiles, if it has any; `nil` for a missing one.
    fileprivate func point(
        key: String
    ) throws(ChartError) -> (middle: Double, lower: Double?, upper: Double?)? {
        switch self {
        case .integer(let value): return (Double(value), nil, nil)
        case .number(let value): return (value, nil, nil)
        case .quartiles(let middle, let lower, let upper), .interval(let middle, let lower, let upper):
            return (middle, lower, upper)
        case .missing: return nil
        case .text, .boolean: throw .notNumeric(key: key)
        }
    }

    /// The cell as the name of a curve, row or column.
    fileprivate var chartText: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .number(let value): NumberFormat.setting.string(value)
        case .boolean(let value): value ? "yes" : "no"
        case .quartiles(let median, _, _), .interval(let median, _, _): NumberFormat.setting.string(median)
        case .missing: "–"
        }
    }
}
