extension PropertyReport: CustomStringConvertible {
    /// The report in words: verdict, counterexample, worst margin, labels, discards, with the tokens to replay.
    public var description: String {
        var lines = [headline]
        if let counterexample { lines += counterexample.lines }
        if let worst {
            lines.append("  worst margin \(worst.margin) for \(worst.description)")
            lines.append("    replay: \(worst.token)")
        }
        lines += labels.rows.map { row in
            "  \((row.percentage * 10).rounded() / 10) % (\(row.count)) \(row.label)"
        }
        lines += discardReasons.sorted { $0.key < $1.key }.map { "  discarded \($0.value): \($0.key)" }
        if let corpus { lines += corpus.lines }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        let verdict =
            switch outcome {
            case .passed: "passed"
            case .failed: "failed"
            case .exhausted: "exhausted (too few cases could be run: this is not a pass)"
            }
        return "“\(name)” \(verdict): \(cases) cases, \(failures) failures, \(discards) discarded, seed \(seed)"
    }
}

extension Counterexample {
    fileprivate var lines: [String] {
        let source =
            switch origin {
            case .generated(let index): "case \(index)"
            case .corpus: "a stored failure"
            }
        var lines = ["  counterexample: \(description)", "    \(verdict)"]
        lines += notes.map { "    note: \($0)" }
        lines.append("    replay: \(token)")
        lines.append("    found as \(source), \(originalVerdict)")
        lines.append("    original: \(originalToken)")
        if !isReproducible {
            lines.append("    NOT REPRODUCIBLE: run again, it did not fail this way; something else decides")
        } else {
            let end = isFullyShrunk ? "nothing smaller fails" : "stopped at the limit, may be reducible"
            lines.append("    shrunk in \(shrinkSteps) steps, \(shrinkReplays) replays: \(end)")
        }
        return lines
    }
}

extension CorpusReport {
    fileprivate var lines: [String] {
        ["  corpus: \(replayed) replayed, \(discarded) discarded"] + problems.map { "    \($0)" }
    }
}
