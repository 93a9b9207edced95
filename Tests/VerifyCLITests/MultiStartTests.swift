import DataSets
import Foundation
import Testing

/// `prox --starts` and `prox --global`.
struct MultiStartTests {
    @Test func `a convex problem has one minimum, which every start finds`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        let run = try Executable.run(
            [
                "prox", path, "--loss", "squared-error", "--alpha", "3", "--starts", "20", "--format",
                "json",
            ], in: workspace)
        #expect(run.status == 0)
        let object = try run.object()
        #expect(object["starts"] as? Int == 20)
        #expect(object["startsDistinctMinima"] as? Int == 1)
        #expect(object["startsUnconverged"] as? Int == 0)
        #expect(object["startsReportedIsLowest"] as? Bool == true)
        #expect(object["startsLowestObjective"] as? Double == object["proximalObjective"] as? Double)
    }

    /// `y = −1` against `W₁ tanh(W₀x)` with both weights near zero: signs can be shared out in two
    /// ways, `(w₀, w₁) → (+, −)` and `(−, +)`, which are two minima for large α.
    @Test func `two ways to share out signs are two minima`() throws {
        let workspace = try Workspace()
        let path = try workspace.write([
            Tensor(name: "layers.0.weight", shape: [1, 1], values: [0.1]),
            Tensor(name: "layers.1.weight", shape: [1, 1], values: [0.02]),
            Tensor(name: "x", shape: [1, 1], values: [1]),
            Tensor(name: "y", shape: [1, 1], values: [-1]),
        ])
        let run = try Executable.run(
            [
                "prox", path, "--activation", "tanh", "--loss", "squared-error", "--alpha", "100",
                "--starts", "30", "--format", "json", "--seed", "2",
            ], in: workspace)
        #expect(run.status == 0)
        let object = try run.object()
        #expect(object["startsDistinctMinima"] as? Int == 2, "\(run.output)")
        let lowest = try #require(object["startsLowestObjective"] as? Double)
        let reported = try #require(object["proximalObjective"] as? Double)
        #expect(lowest <= reported)
        #expect((object["startsReportedIsLowest"] as? Bool == true) == (reported <= lowest * (1 + 1e-12)))
        let text = try Executable.run(
            [
                "prox", path, "--activation", "tanh", "--loss", "squared-error", "--alpha", "100",
                "--starts", "30", "--seed", "2", "--quiet",
            ], in: workspace)
        #expect(text.output.contains("Local minima found"))
        #expect(text.output.contains("30 random starts: 0 did not converge"))
        #expect(text.errors.isEmpty)
    }

    /// The rates of a repeated example are dependent, so the energy over activities does not exist: starts go on in weight space.
    @Test func `a repeated example leaves the solve and its starts`() throws {
        let workspace = try Workspace()
        let path = try workspace.write([
            Tensor(name: "layers.0.weight", shape: [2, 2], values: [0.3, -0.2, 0.1, 0.4]),
            Tensor(name: "layers.1.weight", shape: [1, 2], values: [0.5, -0.3]),
            Tensor(name: "x", shape: [3, 2], values: [1, 0.5, 1, 0.5, 1, 0.5]),
            Tensor(name: "y", shape: [3, 1], values: [-1, -1, -1]),
        ])
        let run = try Executable.run(
            [
                "prox", path, "--activation", "tanh", "--loss", "squared-error", "--starts", "3", "--format", "json",
            ], in: workspace)
        #expect(run.status == 0)
        let object = try run.object()
        #expect(object["isExact"] as? Bool == true)
        #expect(object["starts"] as? Int == 3)
        let lowest = try #require(object["startsLowestObjective"] as? Double)
        #expect(lowest <= (try #require(object["proximalObjective"] as? Double)) * (1 + 1e-9))
    }

    /// As above, from weights that lean a little to the dearer of the two ways: `--starts` shows which is the lower.
    @Test(arguments: [[0.1, 0.02], [0.02, 0.1], [-0.1, 0.3]])
    func `what is proved global no start goes below`(_ weights: [Double]) throws {
        let workspace = try Workspace()
        let path = try workspace.write([
            Tensor(name: "layers.0.weight", shape: [1, 1], values: [weights[0]]),
            Tensor(name: "layers.1.weight", shape: [1, 1], values: [weights[1]]),
            Tensor(name: "layers.1.bias", shape: [1], values: [0]),
            Tensor(name: "x", shape: [1, 1], values: [1]),
            Tensor(name: "y", shape: [1, 1], values: [-1]),
        ])
        let run = try Executable.run(
            [
                "prox", path, "--activation", "tanh", "--loss", "squared-error", "--alpha", "100", "--global",
                "--starts", "30", "--format", "json",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let object = try run.object()
        #expect(object["globalMinimum"] as? String == "proved", "\(run.output)")
        let least = try #require(object["globalLowerBound"] as? Double)
        let reported = try #require(object["proximalObjective"] as? Double)
        #expect(least <= reported && reported - least <= 2e-6 * reported)
        #expect(object["startsReportedIsLowest"] as? Bool == true)
        #expect(try #require(object["startsLowestObjective"] as? Double) >= least)
    }

    @Test func `the global minimum of two examples is not decided, and T15 is`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh", "--global", "--format", "json", "--alpha", "2"], in: workspace)
        #expect(run.status == 0)
        let object = try run.object()
        #expect(object["globalMinimum"] as? String == "not-decided" && object["globalBoxes"] as? Int == 0)
        let unique = try #require(object["globalUniqueUpTo"] as? Double)
        let below = try Executable.run(
            ["prox", path, "--activation", "tanh", "--global", "--format", "json", "--alpha", "\(unique)"], in: workspace)
        #expect(try below.object()["globalMinimum"] as? String == "unique", "\(below.output)")
        let none = try Executable.run(["prox", path, "--activation", "tanh", "--global-boxes", "0"], in: workspace)
        #expect(none.status == 64)
    }

    @Test func `a seed gives the same starts`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        func found(_ seed: Int) throws -> [Double?] {
            let run = try Executable.run(
                [
                    "prox", path, "--activation", "relu", "--alpha", "20", "--starts", "10", "--seed",
                    "\(seed)", "--format", "json",
                ], in: workspace)
            let object = try run.object()
            // BLAS may round differently in another run of the same program.
            let lowest = try #require(object["startsLowestObjective"] as? Double)
            return [object["startsDistinctMinima"] as? Double, (lowest * 1e8).rounded()]
        }
        #expect(try found(3) == found(3))
    }
}
