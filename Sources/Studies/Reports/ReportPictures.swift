internal import Charts
internal import Documents

/// What other programs add to a report. Where one is missing the report stands without it and says so.
final class ReportPictures {
    /// What could not be drawn or typeset, and why; each once.
    private(set) var problems: [String] = []
    private var count = 0

    private func note(_ problem: String) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// The chart as a figure within the page.
    func figure(_ chart: Chart) -> HTMLPage.Element {
        count += 1
        do {
            let svg = try GnuplotRenderer().svg(chart, identifier: "chart-\(count)")
            return .markup(
                """
                <figure><div class="scroll" role="region" tabindex="0" \
                aria-label="Chart: \(chart.title.xmlEscaped)">
                \(svg)</div></figure>
                """)
        } catch {
            note("Charts are missing: \(error).")
            return .paragraph("The chart “\(chart.title)” is missing: \(error).")
        }
    }

    /// A table below its charts.
    func figure(_ table: Table) -> [HTMLPage.Element] { table.charts.map(figure) + [.table(table)] }

    /// Texts with formulas; as their source where they cannot be typeset.
    func formulas(_ texts: [String]) -> [String] {
        do {
            return try FormulaRenderer().html(texts)
        } catch {
            note("Formulas are shown as LaTeX source: \(error).")
            return texts.map { "<p class=\"source\">\($0.xmlEscaped)</p>" }
        }
    }
}
