import DataSets
import Foundation
import Testing

/// Every kind of bad input ends with its exit code and one message that names what is wrong, and
/// leaves nothing behind.
struct BadInputTests {
    /// A file that `prox` must refuse.
    struct BadCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tensors: [Tensor]
        var loss = "squared-error"
        /// What the message must contain.
        let expected: [String]
    }

    static let badCases = [
        BadCase(
            testDescription: "no weights", tensors: [],
            expected: ["no tensor \"layers.0.weight\"", "out × in"]),
        BadCase(
            testDescription: "a gap in the numbering",
            tensors: CaseFixtures.deep().with("layers.1.weight") {
                var moved = $0
                moved.name = "layers.2.weight"
                return moved
            }.without("layers.1.bias"),
            expected: ["no tensor \"layers.1.weight\"", "there is \"layers.2.weight\""]),
        BadCase(
            testDescription: "a bias without weights",
            tensors: CaseFixtures.linear.adding("layers.7.bias", [1], [0]),
            expected: ["no tensor \"layers.7.weight\"", "there is \"layers.7.bias\""]),
        BadCase(
            testDescription: "an unknown name",
            tensors: CaseFixtures.linear.adding("layers.0.wieght", [1], [0]),
            expected: ["unknown tensor \"layers.0.wieght\"", "layers.N.weight", "\"extra.\""]),
        BadCase(
            testDescription: "a number with a leading zero",
            tensors: CaseFixtures.linear.adding("layers.01.weight", [1, 1], [0]),
            expected: ["unknown tensor \"layers.01.weight\""]),
        BadCase(
            testDescription: "a number beyond every integer",
            tensors: CaseFixtures.linear.adding("layers.99999999999999999999.weight", [1, 1], [0]),
            expected: ["unknown tensor"]),
        BadCase(
            testDescription: "consecutive layers that do not fit",
            tensors: CaseFixtures.deep().reshaping("layers.1.weight", [2, 5]),
            expected: [
                "tensor \"layers.1.weight\" has shape [2, 5]",
                "[out, 4], because layers.0.weight has 4 outputs",
            ]),
        BadCase(
            testDescription: "weights that are a vector",
            tensors: CaseFixtures.linear.reshaping("layers.0.weight", [2]),
            expected: ["\"layers.0.weight\" has shape [2]", "[out, in]"]),
        BadCase(
            testDescription: "a layer of width zero",
            tensors: CaseFixtures.linear.reshaping("layers.0.weight", [0, 2]),
            expected: ["\"layers.0.weight\" has shape [0, 2]", "both positive"]),
        BadCase(
            testDescription: "a bias of another length",
            tensors: CaseFixtures.deep().reshaping("layers.0.bias", [3]),
            expected: ["\"layers.0.bias\" has shape [3]", "[4], the outputs of layers.0.weight"]),
        BadCase(
            testDescription: "no inputs", tensors: CaseFixtures.deep().without("x"),
            expected: ["no tensor \"x\"", "B × 3"]),
        BadCase(
            testDescription: "no targets", tensors: CaseFixtures.deep().without("y"),
            expected: ["no tensor \"y\"", "B × 2"]),
        BadCase(
            testDescription: "inputs of another width",
            tensors: CaseFixtures.deep().reshaping("x", [2, 4]),
            expected: ["\"x\" has shape [2, 4]", "[B, 3]", "3 inputs"]),
        BadCase(
            testDescription: "a single example as a vector",
            tensors: CaseFixtures.deep().reshaping("x", [3]),
            expected: ["\"x\" has shape [3]", "one example in each row"]),
        BadCase(
            testDescription: "targets of another width",
            tensors: CaseFixtures.deep().reshaping("y", [2, 3]),
            expected: ["\"y\" has shape [2, 3]", "[B, 2]", "2 outputs"]),
        BadCase(
            testDescription: "more targets than inputs",
            tensors: CaseFixtures.deep().reshaping("y", [3, 2]),
            expected: ["\"y\" has shape [3, 2]", "x has 2 examples"]),
        BadCase(
            testDescription: "an empty batch",
            tensors: CaseFixtures.deep().reshaping("x", [0, 3]).reshaping("y", [0, 2]),
            expected: ["\"x\" has shape [0, 3]", "batch is empty"]),
        BadCase(
            testDescription: "NaN in a weight",
            tensors: CaseFixtures.deep().setting("layers.0.weight", 5, to: .nan),
            expected: ["\"layers.0.weight\": element 5 (at [1, 2]) is nan", "finite"]),
        BadCase(
            testDescription: "an infinite input",
            tensors: CaseFixtures.deep().setting("x", 1, to: .infinity),
            expected: ["\"x\": element 1 (at [0, 1]) is inf"]),
        BadCase(
            testDescription: "targets that are no probabilities",
            tensors: CaseFixtures.deep().setting("y", 3, to: 0.5), loss: "softmax-cross-entropy",
            expected: ["\"y\"", "example 1", "sum to 0.75"]),
        BadCase(
            testDescription: "targets outside of [0, 1]",
            tensors: CaseFixtures.deep().setting("y", 0, to: 1.5), loss: "sigmoid-cross-entropy",
            expected: ["\"y\"", "example 0", "1.5 is not between 0 and 1"]),
    ]

    @Test("prox refuses", arguments: badCases)
    func refuses(_ bad: BadCase) throws {
        let workspace = try Workspace()
        let path = try workspace.write(bad.tensors)
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh", "--loss", bad.loss, "--output", "plus.safetensors"],
            in: workspace)
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("Error: case.safetensors: "), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1, "one message: \(run.errors)")
        for part in bad.expected { #expect(run.errors.contains(part), "\(run.errors)") }
        #expect(workspace.names == ["case.safetensors"])
    }

    @Test("files that are no safetensors files", arguments: ["", "short", "{\"not\": \"tensors\"}!!"])
    func refusesForeignFiles(content: String) throws {
        let workspace = try Workspace()
        try Data(content.utf8).write(to: URL(fileURLWithPath: workspace.path("case.safetensors")))
        let run = try Executable.run(["prox", "case.safetensors"], in: workspace)
        #expect(run.status == 65)
        #expect(run.errors.hasPrefix("Error: case.safetensors: "))
        #expect(run.output.isEmpty)
    }

    @Test func `a missing file and a directory are named`() throws {
        let workspace = try Workspace()
        for path in ["nowhere.safetensors", "."] {
            let run = try Executable.run(["compare", path], in: workspace)
            #expect(run.status == 65)
            #expect(run.errors.hasPrefix("Error: \(path): cannot be read"), "\(run.errors)")
        }
    }

    @Test("a learning rate must be positive and finite",
        arguments: ["0", "-1", "inf", "nan", "1e400", "one", ""])
    func refusesLearningRates(text: String) throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        for arguments in [
            ["prox", path, "--alpha", text], ["compare", path, "--alpha", "1,\(text)"],
            ["table", "--alpha", text],
            ["audit", path, path, "--alpha", text],
        ] {
            let run = try Executable.run(arguments, in: workspace)
            #expect(run.status == 64, "\(arguments)")
            #expect(run.output.isEmpty)
            #expect(
                run.errors.contains("must be a positive finite number, found '\(text)'"),
                "\(arguments): \(run.errors)")
        }
    }

    @Test("wrong usage ends with 64 and says what is expected", arguments: [
        (["--activation", "swish"], "identity, relu, leaky-relu, tanh"),
        (["--activation", "tanh,relu"], "2 names, but case.safetensors has 1 hidden layers"),
        (["--loss", "hinge"], "squared-error"),
        (["--tolerance", "0"], "--tolerance must be between 0 and 1"),
        (["--tolerance", "nan"], "--tolerance must be between 0 and 1"),
        (["--solver", "magic"], "activity-space"),
        (["--iteration-limit", "0"], "--iteration-limit must be at least 1"),
        (["--format", "xml"], "markdown"),
        (["--output-type", "f16"], "as-in-case"),
        (["--starts=-1"], "--starts must not be negative"),
        (["--repeats=0"], "--repeats must be at least 1"),
        (["--alpha", "0.1,1"], "one learning rate α is meant, found '0.1,1'; compare takes several"),
        (["--frobnicate"], "Unknown option '--frobnicate'"),
    ])
    func wrongUsage(arguments: [String], expected: String) throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(["prox", path] + arguments, in: workspace)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(expected), "\(run.errors)")
    }

    @Test("table refuses", arguments: [
        (["--sizes", "10"], Int32(64), "widths"),
        (["--data", "gaussian", "--sizes", "3-9999999999-9999999999"], 64, "expected at most"),
        (["--sizes", "64-999999999-10"], 64, "expected at most"),
        (["--sizes", "63-8-10"], 65, "inputs of width 64"),
        (["--sizes", "64-8-3"], 65, "10 classes"),
        (["--cases", "2000"], 65, "digits"),
        (["--rules", "bp,unknown"], 64, "there is no rule 'unknown'; expected some of bp, bp-prox"),
        (["--rules", "il-pox"], 64, "there is no rule 'il-pox'; did you mean 'il-prox'; expected"),
        (["--rules", "bp", "--epsilon", "0"], 64, "--epsilon is not a constant of bp"),
        (["--ladder", "--nudge", "0.5"], 64, "--ladder takes --steps, --step-size and --epsilon"),
        (["--data", "fashion-mnist", "--data-directory", "nowhere"], 65, "dataset-fashion-mnist"),
    ])
    func tableRefuses(arguments: [String], status: Int32, expected: String) throws {
        let run = try Executable.run(["table"] + arguments)
        #expect(run.status == status)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(expected), "\(run.errors)")
    }

    @Test func `metadata with a name that does not exist is bad data`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep(), metadata: ["activation": "swish"])
        let run = try Executable.run(["prox", path], in: workspace)
        #expect(run.status == 65)
        #expect(run.errors.contains("metadata \"activation\" is \"swish\", expected identity, relu"))
    }

    /// No inputs, no bias: nothing reaches the network, and weight space says so.
    @Test func `rates that are all zero`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(
            CaseFixtures.linear.setting("x", 0, to: 0).setting("x", 1, to: 0))
        let arguments = [path, "--loss", "squared-error", "--format", "json"]
        let run = try Executable.run(["prox"] + arguments, in: workspace)
        try #require(run.status == 0, "\(run.errors)")
        #expect(try run.object()["updateNorm"] as? Double == 0)
    }
}
