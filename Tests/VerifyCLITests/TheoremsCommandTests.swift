import Foundation
import Testing

/// `verify-cli theorems` from outside: verdicts, findings, tokens, files and exit codes.
@Suite("verify-cli theorems")
struct TheoremsCommandTests {
    /// The rows of the table with this title, as objects by column key.
    private func rows(_ run: Executable.Run, _ title: String) throws -> [[String: Any]] {
        let tables = try #require(try run.object()["tables"] as? [[String: Any]])
        let table = try #require(tables.first { $0["title"] as? String == title })
        return try #require(table["rows"] as? [[String: Any]])
    }

    /// What may differ between two runs: times and the number of threads.
    private func withoutTimes(_ text: String) throws -> NSDictionary {
        let pattern = #""(seconds|threads|command)": ("[^"]*"|[0-9.eE+-]+)"#
        let cleaned = text.replacingOccurrences(of: pattern, with: "\"$1\": 0", options: .regularExpression)
        return try #require(try JSONSerialization.jsonObject(with: Data(cleaned.utf8)) as? NSDictionary)
    }

    @Test("Theorems and claims by name, in the registry's order, with their verdicts")
    func verdicts() throws {
        let run = try Executable.run(
            ["theorems", "c4", "T5", "T1", "--cases", "30", "--quiet", "--format", "json"])
        #expect(run.status == 0, "\(run.errors)")
        let verdicts = try rows(run, "Verdicts")
        #expect(Set(verdicts.compactMap { $0["id"] as? String }) == ["T1", "T5"])
        for verdict in verdicts {
            #expect(verdict["verdict"] as? String == "holds")
            #expect(verdict["cases"] as? Int == 30)
            #expect((verdict["worstMargin"] as? Double).map { $0 <= 1 } == true)
            #expect((verdict["token"] as? String)?.hasPrefix("pt1s-") == true)
        }
        let findings = try rows(run, "Findings")
        #expect(findings.allSatisfy { $0["id"] as? String == "C4" })
        let rate = try #require(findings.first?["rate"] as? [String: Double])
        #expect(Set(rate.keys) == ["estimate", "lower", "upper"])
        for key in ["condition", "finding", "cases", "recorded"] { #expect(findings.first?[key] != nil) }
    }

    @Test("The same verdicts, margins, rates and tokens for one thread as for two")
    func threads() throws {
        let arguments = ["theorems", "T2", "T7", "T15", "C2", "C9", "--cases", "60", "--regions", "--quiet", "--format", "json"]
        let one = try Executable.run(arguments + ["--threads", "1"])
        let two = try Executable.run(arguments + ["--threads", "2"])
        #expect(one.status == two.status)
        #expect(try withoutTimes(one.output) == withoutTimes(two.output))
    }

    @Test("Text output fits 100 columns", arguments: [["T1", "C3", "C10", "--regions"], ["--mutants", "T1", "C4"]])
    func width(_ arguments: [String]) throws {
        let run = try Executable.run(["theorems"] + arguments + ["--cases", "20", "--quiet"])
        // A token is one word, and a line of its own if it is longer.
        let long = run.lines.filter { $0.count > 100 && $0.contains(" ") }
        #expect(long.isEmpty, "\(long)")
    }

    @Test("One table by paper; it goes with no other output")
    func papers() throws {
        let run = try Executable.run(["theorems", "T25", "T1", "C18", "--papers", "--cases", "20", "--quiet", "--format", "json"])
        let found = try rows(run, "Rules, theorems and claims by paper")
        #expect(found.compactMap { $0["id"] as? String } == ["T1", "T25", "C18"])
        #expect(found.compactMap { $0["paper"] as? String } == ["Alonso 2022", "Mali 2024", "Zahid 2023"])
        let wrong = try Executable.run(["theorems", "T1", "--papers", "--mutants"])
        #expect(wrong.status == 64 && wrong.errors.contains("--papers is a table of verdicts"))
        let training = try Executable.run(["theorems", "c25"])
        #expect(training.status == 64 && training.errors.contains("verify-cli stability"))
        let blocked = try Executable.run(["theorems", "c21"])
        #expect(blocked.status == 64 && blocked.errors.contains("C21 is not judged"))
    }

    @Test("A counterexample's token replays as one, and the conditions are shown")
    func replay() throws {
        let run = try Executable.run(["theorems", "C4", "--cases", "60", "--quiet"])
        let words = run.output.split(whereSeparator: \.isWhitespace)
        let token = try #require(words.first { $0.hasPrefix("pt1c-") })
        let replayed = try Executable.run(["theorems", "C4", "--replay", String(token), "--quiet"])
        // A counterexample to a claim is no failure.
        #expect(replayed.status == 0)
        #expect(replayed.output.contains("Verdict: violated"))
        #expect(replayed.output.contains("within 10 %: il-prox, mini-batch 1"))
        let theorem = try Executable.run(["theorems", "T1", "--replay", "pt1s-06802bd3vwxp2", "--quiet"])
        #expect(theorem.status == 0)
        #expect(theorem.output.contains("Verdict: held"))
    }

    @Test("One line of the per-case file for each case, with its measurements")
    func perCase() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            ["theorems", "T5", "C9", "--cases", "25", "--per-case", "cases.csv", "--quiet"], in: workspace)
        #expect(run.status == 0)
        let lines = try workspace.text("cases.csv").split(separator: "\n")
        #expect(lines.first == "id,case,verdict,margin,token,labels,measurements")
        let held = lines.dropFirst().filter { $0.contains(",held,") || $0.contains(",violated,") }
        #expect(held.count { $0.hasPrefix("T5,") } == 25)
        #expect(held.count { $0.hasPrefix("C9,") } == 25)
        #expect(held.allSatisfy { !$0.hasPrefix("C9,") || $0.contains("nearness il-equilibrium=") })
    }

    @Test("Mutants are caught, planted rules found out")
    func mutants() throws {
        let run = try Executable.run(["theorems", "T1", "C1", "--mutants", "--quiet", "--format", "json"])
        #expect(run.status == 0)
        for title in ["Mutants", "Planted rules"] {
            let words = try rows(run, title).compactMap { $0["verdict"] as? String }
            #expect(words.count >= 2 && Set(words) == ["caught"])
        }
    }

    @Test("A mutant that no case can catch survives, and is an error")
    func survivor() throws {
        // One case is too few: this mutant shows in mini-batches only.
        let run = try Executable.run(["theorems", "T11", "--mutants", "--cases", "1", "--quiet"])
        #expect(run.status == 1)
        #expect(run.output.contains("SURVIVES"))
    }

    @Test(
        "Wrong usage is an error of usage, a wrong token one of data",
        arguments: [
            (["T99"], 64, "There is no theorem or claim 'T99'"), (["--cases", "0"], 64, "--cases must be at least 1"),
            (["--replay", "pt1s-0"], 64, "--replay needs the name"),
            (["T1", "C1", "--replay", "pt1s-0"], 64, "--replay needs the name"),
            (["C1", "--replay", "pt1s-0"], 65, "replay token"),
            (["T1", "--explore", "--replay", "pt1s-0"], 64, "exclude each other"),
        ])
    func errors(_ arguments: [String], _ status: Int32, _ message: String) throws {
        let run = try Executable.run(["theorems"] + arguments)
        #expect(run.status == status)
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test("Every word of a verdict is explained by the help")
    func help() throws {
        let run = try Executable.run(["theorems", "--help"])
        let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for word in ["holds", "FAILS", "exhausted", "caught", "SURVIVES", "conditional", "mixed", "refuted", "undecided"] {
            #expect(text.contains("\(word) "), "\(word)")
        }
        #expect(text.contains("contradicts the one on record"))
    }
}
