import Foundation

/// Typesets Markdown with LaTeX formulas as HTML with MathML, which browsers show without script or fonts
/// of its own.
public struct FormulaRenderer: Sendable {
    public var tool: ExternalTool

    public init(tool: ExternalTool = .pandoc) { self.tool = tool }

    /// The HTML of each text, in order; one run of pandoc for all.
    ///
    /// Raw HTML and TeX outside of formulas are shown as the characters they are made of.
    ///
    /// - Throws: `ExternalToolError`; also where pandoc cannot read a formula, which it would show as source.
    public func html(_ texts: [String]) throws -> [String] {
        guard !texts.isEmpty else { return [] }
        // pandoc does not know {\rm …}; as text it is upright in every browser.
        let known = texts.map { text in
            text.replacing(/\{\\rm\s+([^{}]*)\}/) { "{\\text{\($0.1)}}" }
        }
        let data = try tool.run(
            [
                "--from=markdown-raw_html-raw_tex-raw_attribute-native_divs-native_spans-yaml_metadata_block",
                "--to=html5", "--mathml", "--wrap=none", "--fail-if-warnings", "texts.md",
            ],
            files: ["texts.md": known.joined(separator: "\n\n\(Self.separator)\n\n") + "\n"])
        let parts = String(decoding: data, as: UTF8.self)
            .components(separatedBy: "<p>\(Self.separator)</p>")
            .map { Self.withPlainDelimiters($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        guard parts.count == texts.count else {
            throw ExternalToolError.failed(
                tool, status: 0, message: "\(texts.count) texts became \(parts.count)")
        }
        return parts
    }

    /// pandoc 2 lets every delimiter grow with its contents, which TeX does only after `\left`.
    private static func withPlainDelimiters(_ html: String) -> String {
        html.replacing(/<math [\s\S]*?<\/math>/) { formula in
            let text = String(formula.0)
            return text.contains("\\left") || text.contains("\\big") || text.contains("\\Big")
                ? text : text.replacing("stretchy=\"true\"", with: "stretchy=\"false\"")
        }
    }

    /// A paragraph that no text contains.
    private static let separator = "⁂ between two texts ⁂"
}
