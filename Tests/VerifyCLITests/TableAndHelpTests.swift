import Foundation
import Testing

/// `verify-cli table`, whole output to the digits that are stable, and the help texts.
struct TableAndHelpTests {
    /// The lines between a table's title and its first note.
    private func rows(_ run: Executable.Run, under title: String) -> [String] {
        let start = run.lines.firstIndex { $0.hasPrefix(title) } ?? run.lines.count
        return Array(run.lines.dropFirst(start + 3).prefix { !$0.hasPrefix("Median") && !$0.isEmpty })
            .map { $0.split(separator: " ").joined(separator: " ") }
    }

    @Test func `digits`() throws {
        let run = try Executable.run(
            ["table", "--cases", "3", "--alpha", "0.1,1", "--quiet", "--threads", "1",
             "--rules", "bp,il-prox,il-prox-equilibrium,il-exact"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(rows(run, under: "Relative distance") == Self.digitRows, "\(run.output)")
        for line in [
            "  network               64-32-32-10 relu with bias", "  data set              digits",
            "  seed                  1", "  solver tolerance      1e-10", "  BLAS threads          1",
        ] {
            #expect(run.lines.contains(line), "\(line)")
        }
        #expect(run.lines.allSatisfy { $0.count <= 100 })
    }

    private static let digitRows: [String] = [
        "bp 0.23 [0.20, 0.24] 1.1 [1.1, 1.1]", "il-prox 0.62 [0.61, 0.63] 0.92 [0.91, 0.94]",
        "il-prox-equilibrium 0.16 [0.11, 0.17] 0.90 [0.82, 0.95]", "il-exact 0 [0, 0] 0 [0, 0]",
    ]

    /// Every rule has a distance to backpropagation, that of `z-il` being rounding (T22).
    @Test func `all rules, and the distance to explicit SGD`() throws {
        let run = try Executable.run(
            ["table", "--rules", "all", "--data", "gaussian", "--sizes", "4-3-2", "--activation", "tanh", "--cases", "1",
             "--alpha", "0.1", "--measures", "explicit-distance", "--format", "json", "--quiet", "--threads", "1"])
        #expect(run.status == 0, "\(run.errors)")
        let table = try #require((try run.object()["tables"] as? [[String: Any]])?.first)
        let rows = try #require(table["rows"] as? [[String: Any]])
        var distances: [String: Double] = [:]
        for row in rows {
            let rule = try #require(row["rule"] as? String)
            distances[rule] = try #require((row["alpha=0.1"] as? [String: Double])?["median"], "\(rule)")
        }
        #expect(distances.count == rows.count && rows.count > 20)
        #expect(distances["bp"] == 0)
        #expect(distances["z-il"].map { $0 < 1e-12 } == true && distances["implicit"].map { $0 > 1e-3 } == true)
    }

    @Test func `a constant of a rule that is not chosen is refused`() throws {
        let run = try Executable.run(["table", "--rules", "il", "--rule-seed", "3", "--cases", "1"])
        #expect(run.status == 64 && run.errors.contains("--rule-seed is not a constant of il"))
    }

    /// Proved medians are those of the computed table, to more digits.
    @Test func `proved digits`() throws {
        let run = try Executable.run(
            ["table", "--cases", "2", "--alpha", "0.1", "--quiet", "--threads", "1", "--rules", "bp,il-prox",
             "--activation", "tanh", "--sizes", "64-8-6-10", "--format", "json", "--proved", "--measures",
             "relative-distance,cosine"])
        #expect(run.status == 0, "\(run.errors)")
        let computed = try Executable.run(
            ["table", "--cases", "2", "--alpha", "0.1", "--quiet", "--threads", "1", "--rules", "bp,il-prox",
             "--activation", "tanh", "--sizes", "64-8-6-10", "--format", "json", "--measures",
             "relative-distance,cosine"])
        func cells(_ run: Executable.Run) throws -> [[String: Double]] {
            let tables = try #require(try run.object()["tables"] as? [[String: Any]])
            return try tables.prefix(2).flatMap { table in
                try (try #require(table["rows"] as? [[String: Any]])).map { row in
                    try #require(row["alpha=0.1"] as? [String: Double])
                }
            }
        }
        let (bounds, medians) = (try cells(run), try cells(computed))
        #expect(bounds.count == 4 && medians.count == 4)
        for (bound, median) in zip(bounds, medians) {
            let (lower, upper) = (try #require(bound["lower"]), try #require(bound["upper"]))
            let value = try #require(median["median"])
            #expect(lower <= value + 1e-9 && value - 1e-9 <= upper && upper - lower < 1e-10 && lower < upper)
        }
    }

    @Test func `what --proved cannot show is refused`() throws {
        for more in [["--measures", "implicit-residual"], ["--ladder"], ["--layers"]] {
            let run = try Executable.run(["table", "--proved", "--cases", "1", "--alpha", "1", "--quiet"] + more)
            #expect(run.status == 64 && run.errors.contains("--proved"), "\(run.errors)")
        }
    }

    @Test func `gaussian`() throws {
        let run = try Executable.run(
            ["table", "--data", "gaussian", "--sizes", "6-8-7-3", "--activation", "tanh", "--loss",
             "squared-error", "--cases", "4", "--alpha", "0.01,1", "--quiet",
             "--rules", "bp,il-equilibrium,il-exact", "--measures", "relative-distance"])
        #expect(run.status == 0)
        #expect(run.output.normalized().contains("BLAS                  OpenBLAS\n"))
        #expect(rows(run, under: "Relative distance") == Self.gaussianRows, "\(run.output)")
    }

    private static let gaussianRows: [String] = [
        "bp 0.040 [0.037, 0.043] 3.6 [3.3, 3.8]", "il-equilibrium 0.33 [0.31, 0.36] 2.3 [2.2, 2.4]",
        "il-exact 0 [0, 0] 0 [0, 0]",
    ]

    @Test func `results do not depend on the number of threads`() throws {
        let arguments = ["table", "--cases", "4", "--alpha", "1", "--quiet", "--threads"]
        let one = try Executable.run(arguments + ["1"])
        let two = try Executable.run(arguments + ["2"])
        #expect(
            rows(one, under: "Relative distance") == rows(two, under: "Relative distance"))
        #expect(rows(one, under: "Proximal gap") == rows(two, under: "Proximal gap"))
    }

    @Test("help teaches", arguments: [
        ([], ["SUBCOMMANDS", "table", "prox", "compare", "audit", "Exit codes: 0 success"]),
        (["table"], ["verify-cli table --data fashion-mnist", "--ladder"]),
        (["prox"], ["layers.N.weight", "save_file", "--starts", "70", "--output plus.safetensors"]),
        (["compare"], ["--rules bp,il-prox,il-exact", "relativeDistance", "proximalGap"]),
        (["audit"], ["<CASE.safetensors>", "<AFTER.safetensors>", "rounding", "--alpha 0.1,1", "bp-prox, il, il-prox"]),
    ])
    func help(command: [String], expected: [String]) throws {
        let run = try Executable.run(command + ["--help"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for part in expected { #expect(text.contains(part), "\(part)") }
        // The usage line is the argument parser's own, and cannot be broken.
        for line in run.lines where !line.hasPrefix("USAGE") { #expect(line.count <= 100, "\(line)") }
    }

    @Test(
        "A help page fits 80 columns, its examples are whole, and it says nothing twice", arguments: Self.helpPages)
    func page(command: String) throws {
        let run = try Executable.run(
            command.split(separator: " ").map(String.init) + ["--help"], environment: ["COLUMNS": "80"])
        #expect(run.status == 0)
        for line in run.lines { #expect(line.count <= 80, "\(line)") }
        // An example that is broken without a backslash cannot be copied.
        let text = run.lines.prefix { !$0.hasPrefix("USAGE") }
        for (line, next) in zip(text, text.dropFirst()) where line.hasPrefix("verify-cli ") {
            #expect(next.isEmpty || next.hasPrefix("verify-cli ") || line.hasSuffix(" \\"), "\(next)")
        }
        // Verdicts and code have columns; sentences have single spaces.
        for line in text where line.first?.isLetter == true { #expect(!line.contains("   "), "\(line)") }
        #expect(run.lines.count { $0.hasPrefix("USAGE: verify-cli") } == 1)
        let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for match in words.matches(of: /\(values: ([^;)]*)/) {
            let before = words[..<match.range.lowerBound].suffix(match.1.count + 2)
            #expect(!before.contains(match.1), "\(match.1)")
        }
    }

    private static let helpPages = [
        "", "table", "prox", "compare", "audit", "theorems", "report", "bench", "stability", "convergence",
        "autoencoder", "trajectory", "ladder", "slack", "phase", "paper-cnn", "results", "results list", "results show",
        "results export", "results remove", "results merge",
    ]

    @Test("Every subcommand's help page is looked at", arguments: ["", "results"])
    func noPageIsLeftOut(command: String) throws {
        let run = try Executable.run(["help"] + command.split(separator: " ").map(String.init))
        let names = run.lines.drop { $0 != "SUBCOMMANDS:" }
            .compactMap { $0.firstMatch(of: #/^  ([a-z-]+)  /#).map { String($0.1) } }
        #expect(names.count >= 5)
        for name in names { #expect(Self.helpPages.contains(command.isEmpty ? name : "\(command) \(name)"), "\(name)") }
    }

    @Test func `the version is a number`() throws {
        let run = try Executable.run(["--version"])
        #expect(run.status == 0)
        #expect(run.output.range(of: "^[0-9]+\\.[0-9]+\\.[0-9]+\n$", options: .regularExpression) != nil)
    }

    @Test func `an unknown subcommand is wrong usage`() throws {
        let run = try Executable.run(["conquer"])
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
    }
}
