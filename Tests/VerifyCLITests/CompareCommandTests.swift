import DataSets
import Foundation
import Testing

/// `verify-cli compare`.
struct CompareCommandTests {
    static let keys = [
        "rule", "alpha", "relativeDistance", "cosine", "normRatio", "proximalGap",
        "implicitResidual", "lossAfter", "inferenceConverged", "outcome", "exactImplicitResidual",
        "exactSolver", "reason", "conventions", "provenance",
    ]

    private func objects(_ run: Executable.Run) throws -> [[String: Any]] {
        try #require(try run.json() as? [[String: Any]])
    }

    /// One linear layer, `s = ‖x‖² = 10`: the explicit step is `1 + 10α` times the implicit one.
    @Test func `bp on one linear layer has its closed form`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        let run = try Executable.run(
            [
                "compare", path, "--loss", "squared-error", "--alpha", "0.01,0.1,1", "--rules",
                "bp,il-exact", "--format", "json",
            ], in: workspace)
        #expect(run.status == 0)
        let objects = try objects(run)
        #expect(objects.map { $0["rule"] as? String } == ["bp", "il-exact", "bp", "il-exact", "bp", "il-exact"])
        #expect(objects.map { $0["alpha"] as? Double } == [0.01, 0.01, 0.1, 0.1, 1, 1])
        for object in objects {
            #expect(Set(object.keys) == Set(Self.keys))
            #expect(object["outcome"] as? String == "converged")
            let alpha = try #require(object["alpha"] as? Double)
            let isExplicit = object["rule"] as? String == "bp"
            let ratio = isExplicit ? 1 + 10 * alpha : 1
            let expected = [
                "relativeDistance": ratio - 1, "cosine": 1, "normRatio": ratio,
                // P grows by its curvature (10 + 1/α) times the squared distance, and the exact step
                // gains as much times its own squared norm.
                "proximalGap": (ratio - 1) * (ratio - 1),
                // Δ + α∇L(θ_b + Δ) = −10αΔ for the explicit step.
                "implicitResidual": isExplicit ? 10 * alpha : 0,
            ]
            for (key, value) in expected {
                let found = object[key] as? Double ?? .nan
                #expect(abs(found - value) < 1e-9, "\(key) at \(alpha): \(found), expected \(value)")
            }
        }
    }

    /// The same closed form: bounds hold it to the rounding of the rule's own step, and are narrow.
    @Test func `proved bounds of the closed form`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        let run = try Executable.run(
            ["compare", path, "--loss", "squared-error", "--alpha", "0.1,1", "--rules", "bp", "--proved",
             "--format", "json"], in: workspace)
        #expect(run.status == 0)
        for object in try objects(run) {
            let alpha = try #require(object["alpha"] as? Double)
            let ratio = 1 + 10 * alpha
            let expected = [
                "relativeDistance": ratio - 1, "cosine": 1, "normRatio": ratio, "proximalGap": (ratio - 1) * (ratio - 1),
            ]
            #expect(Set(object.keys) == Set(Self.keys + expected.keys.flatMap { [$0 + "Lower", $0 + "Upper"] }
                + ["exactCertificate", "notEnclosed"]))
            #expect(object["exactCertificate"] as? String == "enclosed" && object["notEnclosed"] is NSNull)
            for (key, value) in expected {
                let lower = try #require(object[key + "Lower"] as? Double)
                let upper = try #require(object[key + "Upper"] as? Double)
                #expect(lower <= value * (1 + 1e-14) && upper >= value * (1 - 1e-14), "\(key): [\(lower), \(upper)]")
                #expect(upper - lower < 1e-12 * value && upper > lower)
            }
        }
        let text = try Executable.run(
            ["compare", path, "--loss", "squared-error", "--alpha", "1", "--rules", "bp", "--proved"], in: workspace)
        #expect(text.output.contains("10.00") && text.output.contains("100.0"), "\(text.output)")
    }

    @Test func `every rule, csv and markdown and text`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let base = ["compare", path, "--activation", "tanh", "--loss", "squared-error", "--alpha", "0.1"]
        let text = try Executable.run(base, in: workspace)
        #expect(text.status == 0)
        #expect(text.errors.isEmpty)
        for rule in [
            "bp", "bp-prox", "il", "il-prox", "il-prox-fast", "il-equilibrium",
            "il-prox-equilibrium", "il-exact",
        ] {
            #expect(text.lines.contains { $0.hasPrefix(" 0.1  \(rule) ") || $0.hasPrefix("0.1  \(rule) ") })
        }
        #expect(text.lines.allSatisfy { $0.count <= 100 })
        for format in ["csv", "markdown"] {
            let run = try Executable.run(base + ["--format", format], in: workspace)
            #expect(run.status == 0)
            #expect(run.output.contains("il-prox-equilibrium"))
            #expect(run.output.contains("3-4-2 tanh with bias"))
        }
    }

    @Test func `a rule that divides by zero rates says so`() throws {
        let workspace = try Workspace()
        // W₀x < 0 everywhere: the rates of layer 1 are zero, and the layer has no bias. The exact
        // solve needs weight space.
        let path = try workspace.write([
            Tensor(name: "layers.0.weight", shape: [2, 1], values: [-1, -2]),
            Tensor(name: "layers.1.weight", shape: [1, 2], values: [1, 1]),
            Tensor(name: "x", shape: [1, 1], values: [1]),
            Tensor(name: "y", shape: [1, 1], values: [1]),
        ])
        let run = try Executable.run(
            ["compare", path, "--activation", "relu", "--loss", "squared-error", "--format", "json",
             "--rules", "bp,bp-prox,il-prox", "--epsilon", "0"], in: workspace)
        try #require(run.status == 0, "\(run.errors)")
        for object in try objects(run) where object["relativeDistance"] is NSNull {
            #expect((object["reason"] as? String)?.isEmpty == false)
        }
    }

    @Test func `without an exact update there is nothing to compare with`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(
            ["compare", path, "--activation", "tanh", "--loss", "squared-error", "--alpha", "10",
             "--iteration-limit", "1", "--rules", "bp", "--format", "json"], in: workspace)
        #expect(run.status == 70)
        let object = try #require(try objects(run).first)
        #expect(object["relativeDistance"] is NSNull)
        #expect(object["outcome"] as? String == "iteration-limit")
        #expect((object["reason"] as? String)?.contains("stopped at the iteration limit") == true)
    }
}
