import Documents
import Testing

@Suite struct LaTeXRendererTests {
    @Test func wholeDocument() throws {
        #expect(
            OutputFormat.latex.render(try Samples.document()) == #"""
                % Sample
                % Needs \usepackage{booktabs}.

                Every number is a median.

                % ReLU

                \begin{table}
                  \centering
                  \caption{Distance to the exact update}
                  \begin{tabular}{lrrrl}
                    \toprule
                    rule & \ensuremath{\alpha} & relative distance & iterations & exact? \\
                    \midrule
                    bp & 0.01 & 0.041 [0.030, 0.053] & 3 & no \\
                    il\textbar{}exact & 100 & --[1] & 12 & yes \\
                    \bottomrule
                  \end{tabular}

                  \par\footnotesize [1] not converged, stopped

                  \par\footnotesize Median [quartiles] of 20 images.
                \end{table}

                % Speed

                \begin{table}
                  \centering
                  \caption{Time}
                  \begin{tabular}{lrrr}
                    \toprule
                    solver & time & share & residual \\
                    \midrule
                    Newton & 12.3 ms & 12.5 \% & 1.50\ensuremath{\cdot10^{-11}} \\
                    a "quoted", name & inf & 100 \% & NaN \\
                    \bottomrule
                  \end{tabular}
                \end{table}

                % version: 0.1.0
                % seed: 7
                % tolerance: 1e-10
                % command: verify-cli table --alpha 0.01,100

                """#)
    }

    @Test(
        "what LaTeX would obey is shown",
        arguments: [
            ("a_b & c", #"a\_b \& c"#), (#"\x{y}"#, #"\textbackslash{}x\{y\}"#), ("100 % of $5 #1", ##"100 \% of \$5 \#1"##),
            ("x^2 ~ <y>", #"x\textasciicircum{}2 \textasciitilde{} \textless{}y\textgreater{}"#), ("1e-5", "1e-5"),
            ("‖Δ‖ → 0", #"\ensuremath{\Vert}\ensuremath{\Delta}\ensuremath{\Vert} \ensuremath{\to} 0"#),
        ])
    func cellsAreEscaped(text: String, expected: String) throws {
        let table = try Table(title: "t", columns: [Column("a", format: .text)], rows: [[.text(text)]])
        let document = Document(title: "T", provenance: [:], blocks: [.table(table)])
        #expect(LaTeXRenderer().render(document).contains("\n    \(expected) \\\\\n"))
    }
}
