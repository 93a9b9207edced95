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
            <noscript><h1>\(chart.title.xmlEscaped)</h1><p>\(chart.subtitle.xmlEscaped)</p></noscript>
            <div class="scroll" tabindex="0" role="region" aria-label="Chart"><div id="chart"></div></div>
            <p id="hint" hidden>Click a name in the legend to pick it out, with shift for several; rest on a point for its values.</p>
            <details><summary>Values</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Values">\(chart.valueTable)</div>
            </details>
            </main>
            <script type="application/json" id="light">\(Self.embedded(light.specification(chart)))</script>
            <script type="application/json" id="dark">\(Self.embedded(dark.specification(chart)))</script>
            <script type="module">
            \(Self.embedded(String(decoding: bundle, as: UTF8.self)))
            const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
            function draw() {
              const source = document.getElementById(prefersDark.matches ? "dark" : "light").textContent;
              return vegaEmbed("#chart", JSON.parse(source), { actions: false, renderer: "svg" });
            }
            prefersDark.addEventListener("change", draw);
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
            .scroll{overflow-x:auto}#chart{width:100%;min-width:40rem}#hint{color:var(--quiet)}\
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
            header = ["series", chart.x.title, chart.y.title, "lower quartile", "upper quartile"]
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
            rows = zip(map.rows, map.squares).map { name, squares in
                [name] + squares.map { $0.map { map.categories[$0].label } ?? map.text($0) }
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
