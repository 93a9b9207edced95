import Foundation
internal import Documents
internal import JSON

/// An interactive page that needs no network: the chart's Vega-Lite specification with the program that
/// draws it, and the same values as a table for those without JavaScript.
struct ChartPage {
    var theme: ChartTheme
    var tool: ExternalTool = .python

    /// Whether the Python has vl-convert.
    static func hasBundle(_ tool: ExternalTool) -> Bool {
        (try? tool.run(["-c", "import vl_convert; print(vl_convert.__version__)"])) != nil
    }

    func html(_ chart: Chart) throws -> String {
        let bundle = try tool.run([
            "-c", "import sys, vl_convert; sys.stdout.write(vl_convert.javascript_bundle())",
        ])
        var light = VegaLiteRenderer(theme: theme == .dark ? .dark : .light)
        light.fitsContainer = true
        var dark = VegaLiteRenderer(theme: theme == .light ? .light : .dark)
        dark.fitsContainer = true
        let scheme = theme == .auto ? "light dark" : theme.rawValue
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="\(scheme)">
            <title>\(chart.title.xmlEscaped)</title>
            <style>\(Self.style(theme))</style>
            </head>
            <body>
            <main>
            <h1>\(chart.title.xmlEscaped)</h1>
            <p class="quiet">\(chart.subtitle.xmlEscaped)</p>
            <div id="chart" role="region" aria-label="Chart"></div>
            <p id="hint" class="quiet" hidden>Click a name in the legend to pick it out, with shift for several; rest on a point for its values.</p>
            <details><summary>Values</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Values">\(chart.valueTable)</div>
            </details>
            </main>
            <script type="application/json" id="light">\(Self.embedded(light.specification(chart)))</script>
            <script type="application/json" id="dark">\(Self.embedded(dark.specification(chart)))</script>
            <script type="module">
            \(Self.embedded(String(decoding: bundle, as: UTF8.self)))
            const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
            const isNarrow = window.matchMedia("(max-width: 40rem)");
            function draw() {
              const chart = JSON.parse(document.getElementById(prefersDark.matches ? "dark" : "light").textContent);
              // Title and subtitle stand above as text that wraps; on a phone the legend stands below.
              delete chart.title;
              if (isNarrow.matches) {
                chart.config.legend.orient = "bottom";
                chart.config.legend.columns = 2;
                chart.config.legend.layout = { bottom: { anchor: "start", direction: "vertical" } };
                chart.height += 120;
              }
              return vegaEmbed("#chart", chart, { actions: false, renderer: "svg" });
            }
            prefersDark.addEventListener("change", draw);
            isNarrow.addEventListener("change", draw);
            draw().then(() => { document.getElementById("hint").hidden = \(chart.hasLegendChoice ? "false" : "true"); });
            </script>
            </body>
            </html>

            """
    }

    /// JSON in a `script` element: no `<` can end the element.
    private static func embedded(_ value: JSONValue) -> String {
        value.text().replacing("<", with: "\\u003c")
    }

    /// A program in a `script` element. It is not ours to rewrite beyond what would end the element.
    private static func embedded(_ program: String) -> String {
        program.replacing("</script", with: "<\\/script")
    }

    private static func style(_ theme: ChartTheme) -> String {
        func colors(_ palette: Palette) -> String {
            "--background:\(palette.background);--text:\(palette.text);--quiet:\(palette.quietText);"
                + "--line:\(palette.grid);"
        }
        let root = ":root{\(colors(theme == .dark ? .dark : .light))}"
        let dark =
            theme == .auto
            ? "@media(prefers-color-scheme:dark){:root{\(colors(.dark))}}" : ""
        return root + dark + """
            body{margin:0;background:var(--background);color:var(--text);\
            font:15px/1.5 Helvetica,Arial,sans-serif}main{max-width:60rem;margin:auto;padding:1rem}\
            h1{font-size:1.1rem;font-weight:normal;margin:.5rem 0}.scroll{overflow-x:auto}\
            #chart{width:100%}.quiet{color:var(--quiet);margin:.25rem 0}\
            table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
            th,td{padding:.25rem .75rem;text-align:left;border-bottom:1px solid var(--line)}
            """
    }
}

extension Chart {
    /// Whether a click on the legend does something.
    fileprivate var hasLegendChoice: Bool { if case .lines = content { true } else { false } }

    /// Everything that the chart shows as an HTML table.
    fileprivate var valueTable: String {
        let header: [String]
        let rows: [[String]]
        switch content {
        case .lines(let chart):
            header = ["series", chart.x.title, chart.y.title, chart.band.lower, chart.band.upper]
            rows = chart.series.flatMap { series in
                series.points.map { point in
                    [series.label, NumberFormat.setting.string(point.x)]
                        + [point.y, point.lower, point.upper].map {
                            $0.map(NumberFormat.significant(3).string) ?? "–"
                        }
                }
            }
        case .dots(let plot):
            header = ["row", "verdict", plot.x.title]
            rows = plot.rows.map {
                [$0.label, plot.label($0.verdict), $0.value.map(NumberFormat.significant(3).string) ?? "–"]
            }
        case .heatMap(let map):
            header = [map.yTitle] + map.columns
            rows = map.rows.indices.map { row in
                [map.rows[row]]
                    + map.columns.indices.map { column in
                        let square = map.squares[row][column]
                        let words = square.map { map.categories[$0].label } ?? map.text(square)
                        return words + (map.remark(row, column).isEmpty ? "" : " \(map.remark(row, column))")
                    }
            }
        }
        let head = header.map { "<th scope=\"col\">\($0.xmlEscaped)</th>" }.joined()
        let body = rows.map { row in
            "<tr><th scope=\"row\">\((row.first ?? "").xmlEscaped)</th>"
                + row.dropFirst().map { "<td>\($0.xmlEscaped)</td>" }.joined() + "</tr>"
        }
        return "<table><caption>\(title.xmlEscaped)</caption><thead><tr>\(head)</tr></thead><tbody>"
            + body.joined(separator: "\n") + "</tbody></table>"
    }
}
