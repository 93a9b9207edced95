import Foundation
import Testing

/// Learning rates for each layer, and the ladder, from outside.
struct LayerRatesCommandTests {
    /// One linear layer with `s = 10`: with the rate `mα` it is the closed form at `mα`.
    @Test func `prox with a multiple is prox at the product`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        func solve(_ options: [String]) throws -> [String: Any] {
            let run = try Executable.run(
                ["prox", path, "--loss", "squared-error", "--format", "json"] + options, in: workspace)
            #expect(run.status == 0)
            return try run.object()
        }
        let metric = try solve(["--alpha", "2", "--alpha-layers", "0.05"])
        let norm = try #require(metric["updateNorm"] as? Double)
        #expect(abs(norm - 0.1 / 2 * 10.0.squareRoot()) < 1e-12)
        let provenance = try #require(metric["provenance"] as? [String: Any])
        #expect(provenance["alphaLayers"] as? String == "0.05")
        let plain = try solve(["--alpha", "0.1"])
        let objective = try #require(metric["proximalObjective"] as? Double)
        #expect(abs(objective - (plain["proximalObjective"] as? Double ?? .nan)) < 1e-12)
        #expect((plain["provenance"] as? [String: Any])?["alphaLayers"] == nil)
    }

    @Test func `compare measures from the layerwise update, and implicit takes the same rates`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        func distances(_ rules: String) throws -> [String: Double] {
            let run = try Executable.run(
                [
                    "compare", path, "--activation", "tanh", "--alpha", "1", "--alpha-layers", "0.1,2", "--rules",
                    rules, "--format", "json",
                ], in: workspace)
            #expect(run.status == 0, "\(run.errors)")
            let objects = try #require(try run.json() as? [[String: Any]])
            return Dictionary(uniqueKeysWithValues: objects.compactMap {
                ($0["rule"] as? String ?? "", $0["relativeDistance"] as? Double ?? .nan)
            })
        }
        let found = try distances("implicit,il-exact,bp")
        #expect((found["implicit"] ?? 1) < 1e-9)
        #expect((found["il-exact"] ?? 0) > 0.1, "il-exact has one α")
        #expect(try distances("bp")["bp"] == found["bp"], "rates that no rule takes are the exact update's")
    }

    @Test func `rates and shares that make no sense are refused`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let cases: [([String], Int32, String)] = [
            (["prox", path, "--activation", "tanh", "--alpha-layers", "1,1,1"], 65, "learning rates for 3 layers"),
            (["prox", path, "--activation", "tanh", "--alpha-layers", "1,0"], 64, "positive"),
            (["prox", path, "--activation", "tanh", "--alpha-layers", "1,2", "--global"], 64, "--global proves minima"),
            (["table", "--rules", "bp", "--alpha-layers", "1,1,1"], 64, "alpha-layers is not a constant of bp"),
            (["table", "--rules", "bp-binomial", "--factors", "1,-1"], 64, "a share must be zero or positive"),
            (["ladder", "--stages", "0,x"], 64, "--stages takes numbers"),
            (["ladder", "--label-noise", "2"], 64, "--label-noise is a share"),
            (["stability", "--input-scale", "0"], 64, "--input-scale must be positive"),
            (["stability", "--classes", "11"], 64, "--classes must be between 1 and 10"),
            (["autoencoder", "--label-noise", "0.5"], 64, "An autoencoder has no labels"),
            (["slack", "--epsilon", "1"], 64, "The slacks are given by --slack"),
            (["slack", "--slack", "0"], 64, "positive"),
        ]
        for (arguments, status, message) in cases {
            let run = try Executable.run(arguments, in: workspace)
            #expect(run.status == status, "\(arguments): \(run.errors)")
            #expect(run.errors.contains(message), "\(run.errors)")
        }
    }

    @Test func `slack prints each slack between implicit SGD and il-prox, and reads its runs again`() throws {
        let workspace = try Workspace()
        let arguments = [
            "slack", "--sizes", "64-6-10", "--alpha", "1", "--slack", "0.1,10", "--seeds", "1", "--iterations", "20",
            "--training-examples", "100", "--test-examples", "50", "--classes", "3", "--format", "json", "--quiet",
        ]
        let run = try Executable.run(arguments, in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        func rows(_ run: Executable.Run) throws -> [[String: Any]] {
            let tables = try #require(try run.object()["tables"] as? [[String: Any]])
            return try #require(tables.first?["rows"] as? [[String: Any]])
        }
        let found = try rows(run)
        #expect(found.map { $0["rule"] as? String } == ["implicit", "implicit-slack", "implicit-slack", "il-prox"])
        #expect(found.map { $0["slack"] as? Double } == [0, 0.1, 10, nil])
        let again = try rows(try Executable.run(arguments + ["--tables-only"], in: workspace))
        #expect(again as NSArray == found as NSArray)
    }

    @Test func `stability says whether examples are told apart, where it is asked`() throws {
        let arguments = [
            "stability", "--sizes", "64-6-10", "--alpha", "1", "--rules", "il-prox", "--seeds", "1", "--iterations", "20",
            "--compare-every", "0", "--test-examples", "50", "--format", "markdown", "--quiet", "--store", "one.sqlite",
        ]
        let workspace = try Workspace()
        let plain = try Executable.run(arguments, in: workspace)
        #expect(plain.status == 0 && !plain.output.contains("as the last class"), "\(plain.errors)")
        let run = try Executable.run(arguments + ["--representation"], in: workspace)
        #expect(run.status == 0 && run.output.contains("as the last class"), "\(run.errors)")
    }

    @Test func `fitted learning rates stand in a table of their own`() throws {
        let run = try Executable.run(
            [
                "ladder", "--alpha", "1", "--stages", "0", "--cases", "1", "--seeds", "1", "--activation", "tanh",
                "--energy-precision", "unit", "--fit-rates", "--format", "markdown", "--quiet",
            ], in: Workspace())
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("implicit-layerwise, fitted"))
        #expect(run.output.contains("αₙ fitted"))
    }

    /// What the rungs are at fresh weights, whatever the network.
    @Test func `the ladder's rungs`() throws {
        let run = try Executable.run(
            ["ladder", "--alpha", "1", "--stages", "0", "--cases", "2", "--seeds", "1", "--format", "csv", "--quiet"],
            in: Workspace())
        #expect(run.status == 0, "\(run.errors)")
        // CSV has the line breaks of its standard.
        let lines = run.output.components(separatedBy: "\r\n")
        func value(_ rung: String, _ column: String) throws -> Double {
            let line = try #require(lines.first { $0.contains(",\(rung),\(column),") }, "\(rung)")
            return try #require(Double(line.components(separatedBy: ",\(column),")[1].prefix { $0 != "," }))
        }
        for rung in ["bp-prox", "bp-binomial", "implicit-layerwise", "implicit-matched", "output-only"] {
            #expect(try value(rung, "toModel") > 0 && value(rung, "toImplicit") > 0)
        }
        // il-prox is far from implicit SGD, which is at no distance from itself; its own filter is near.
        #expect(try value("implicit", "toImplicit") < 1e-9)
        #expect(try value("bp-binomial", "toModel") < value("implicit", "toModel"))
        #expect(try value("implicit-matched", "cosine") == value("implicit", "cosine"))
    }
}
