/// Writes a document as LaTeX to be taken into a paper by `\input`: each table a `table` of the package `booktabs`, each
/// section a comment, the provenance last and as comments.
///
/// All text is escaped. Greek letters, norms, arrows and the other signs that this program prints are written as
/// mathematics, so that any LaTeX sets them; signs that are not known here stay as they are, for which XeLaTeX or
/// LuaLaTeX is needed. Needs `\usepackage{booktabs}`.
public struct LaTeXRenderer: Sendable {
    /// A renderer; there is nothing to configure.
    public init() {}

    /// The whole document: its title, its blocks in order, its provenance. Ends with a line break.
    public func render(_ document: Document) -> String {
        var parts = ["% \(document.title.singleLine)\n% Needs \\usepackage{booktabs}."]
        for block in document.blocks {
            switch block {
            case .section(let title): parts.append("% \(title.singleLine)")
            case .paragraph(let text): parts.append(text.latexEscaped)
            case .table(let table): parts.append(Self.text(of: table))
            }
        }
        if !document.provenance.entries.isEmpty {
            parts.append(
                document.provenance.entries.map { "% \($0.title.singleLine): \($0.value.exactText.singleLine)" }
                    .joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func text(of table: Table) -> String {
        var footnotes = Footnotes()
        let rows = table.rows.map { row in
            zip(table.columns, row).map { column, cell in
                if case .text(let text) = cell { return text.latexEscaped }
                return cell.text(as: column.format, footnotes: &footnotes) { "[\($0)]" }.latexEscaped.powersOfTen
            }
        }
        let alignments = table.columns.map { column in
            switch column.alignment {
            case .left: "l"
            case .right: "r"
            case .center: "c"
            }
        }
        func line(_ cells: [String]) -> String { "    " + cells.joined(separator: " & ") + " \\\\" }
        let remarks = footnotes.reasons.enumerated().map { "[\($0 + 1)] \($1)" } + table.notes
        return ([
            "\\begin{table}", "  \\centering", "  \\caption{\(table.title.latexEscaped)}",
            "  \\begin{tabular}{\(alignments.joined())}", "    \\toprule",
            line(table.columns.map(\.title.latexEscaped)), "    \\midrule",
        ] + rows.map(line) + ["    \\bottomrule", "  \\end{tabular}"]
            + remarks.map { "\n  \\par\\footnotesize \($0.latexEscaped)" } + ["\\end{table}"])
            .joined(separator: "\n")
    }
}

extension String {
    /// The text on one line, set by LaTeX as the characters that it is made of.
    var latexEscaped: String {
        singleLine.unicodeScalars.map { Self.latexCommands[$0] ?? String($0) }.joined()
    }

    /// `1.5e-11` as a power of ten. Only for cells that hold numbers.
    fileprivate var powersOfTen: String {
        replacing(#/([0-9])e(-?[0-9]+)/#) { "\($0.output.1)\\ensuremath{\\cdot10^{\($0.output.2)}}" }
    }

    private static let latexCommands: [Unicode.Scalar: String] = {
        var commands: [Unicode.Scalar: String] = [
            "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}",
            ">": "\\textgreater{}", "|": "\\textbar{}", "–": "--", "…": "\\ldots{}", "µ": "\\textmu{}", "“": "``", "”": "''",
            "’": "'", "§": "\\S{}",
        ]
        for scalar in "#$%&_{}".unicodeScalars { commands[scalar] = "\\\(scalar)" }
        for (scalar, name) in [
            ("α", "alpha"), ("β", "beta"), ("γ", "gamma"), ("δ", "delta"), ("Δ", "Delta"), ("ε", "varepsilon"), ("θ", "theta"),
            ("λ", "lambda"), ("ρ", "rho"), ("σ", "sigma"), ("Σ", "Sigma"), ("‖", "Vert"), ("∇", "nabla"), ("∂", "partial"),
            ("→", "to"), ("×", "times"), ("·", "cdot"), ("±", "pm"), ("≤", "leq"), ("≥", "geq"), ("≠", "neq"), ("≈", "approx"),
            ("∞", "infty"), ("−", "mathord{-}"), ("∈", "in"), ("√", "surd"), ("⁺", "mathord{^+}"), ("²", "mathord{^2}"),
            ("ₙ", "mathord{_n}"), ("₁", "mathord{_1}"), ("₀", "mathord{_0}"), ("₂", "mathord{_2}"),
        ] as [(Unicode.Scalar, String)] { commands[scalar] = "\\ensuremath{\\\(name)}" }
        return commands
    }()
}
