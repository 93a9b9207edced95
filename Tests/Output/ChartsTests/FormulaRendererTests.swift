import Charts
import Testing

/// Formulas by pandoc.
@Suite("Formulas")
struct FormulaRendererTests {
    @Test func `each text becomes HTML with MathML, well-formed`() throws {
        let texts = [
            #"For $\alpha>0$: $\lVert\Delta_{\rm imp}\rVert^2\le\frac1{2\alpha}$, continued"# + "\nhere.",
            #"<script>x</script> & \textbf{plain} and $W^{b\top}e\odot\varphi_n'$"#,
        ]
        let html = try FormulaRenderer().html(texts)
        #expect(html.count == 2)
        for text in html {
            let parsed = ParsedXML("<div>\(text)</div>")
            #expect(parsed.isWellFormed, "\(text)")
            #expect(parsed.elements.contains("math") && parsed.elements.contains("annotation"))
            #expect(!parsed.elements.contains("script") && !parsed.elements.contains("br"))
        }
        #expect(html[1].contains("&lt;script&gt;"))
        #expect(html[0].contains("continued here.") || html[0].contains("continued\nhere."))
        #expect(!html[0].contains("stretchy=\"true\""))
    }

    @Test func `a formula that pandoc cannot read is an error, not source on the page`() {
        #expect(throws: ExternalToolError.self) { try FormulaRenderer().html([#"$\frac{$"#]) }
    }

    @Test func `no texts need no pandoc`() throws {
        #expect(try FormulaRenderer(tool: ExternalTool(program: "none", remedy: "")).html([]).isEmpty)
    }
}
