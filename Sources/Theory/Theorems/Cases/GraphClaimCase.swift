internal import Comparison
internal import Graphs
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

/// One case of a claim about graphs: a small graph with fresh parameters, a mini-batch, a loss and a learning rate.
struct GraphClaimCase: Sendable, CustomStringConvertible {
    let problem: GraphProblem
    /// By which the claim is divided into regions.
    let features: [String: Double]

    var description: String {
        let architecture = problem.network.architecture
        let nodes = architecture.description.nodes.map { node in
            let edges = node.edges.map { edge in
                let maps = edge.maps.map { map in
                    let settings = map.settings.filter { $0.value.text != "false" }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
                    return settings.isEmpty ? map.kind : "\(map.kind)(\(settings.joined(separator: ", ")))"
                }
                return "\(edge.source)→\(maps.joined(separator: "→"))"
            }
            return "\(node.name) = \(node.activation.name) of \(edges.joined(separator: " + "))"
        }
        let tensors = zip(architecture.tensors, problem.network.parameters.layers).map { "\($0.name) = \($1.elements)" }
        let head = "x \(architecture.description.inputShape), \(problem.loss.name), mini-batch \(problem.batch.size), α = \(problem.learningRate)"
        return ([head] + nodes + tensors + ["x = \(problem.batch.inputs.elements)", "y = \(problem.batch.targets.elements)"])
            .joined(separator: "; ")
    }

    /// Measures the features, and labels the case.
    func measureFeatures(_ context: inout CaseContext) {
        context.measure("α", problem.learningRate)
        context.measure("kinks", problem.network.architecture.hasKinks ? 1 : 0)
        for (name, value) in features { context.measure(name, value) }
        context.label("loss", problem.loss.name)
        context.label("mini-batch", problem.batch.size == 1 ? "1" : "more")
    }

    /// Fresh parameters, normal with standard deviation scale/√(fan-in), biases with that of their map; normal inputs.
    private static func make(
        _ graph: GraphDescription, _ shapes: [(String, [Int])], examples: Int, features: [String: Double],
        _ source: inout ChoiceSource
    ) throws -> GraphClaimCase {
        let loss = try source.draw(.element(of: Loss.allCases))
        let alpha = try source.draw(.logUniform(in: 1e-4...1e4))
        let scale = try source.draw(.logUniform(in: 0.1...2))
        var values: [String: [Double]] = [:]
        var fanIn = 1
        for (name, shape) in shapes {
            if shape.count > 1 { fanIn = shape.dropFirst().reduce(1, *) }
            let width = scale / Double(fanIn).squareRoot()
            values[name] = try source.draw(.array(of: .gaussian(), count: shape.reduce(1, *))).map { width * $0 }
        }
        let architecture = try GraphArchitecture(graph, tensors: Dictionary(shapes) { first, _ in first })
        let inputs = try source.matrix(architecture.inputShape.count, examples, .gaussian())
        let targets = try (0..<examples).map { _ in try loss.drawTarget(architecture.outputWidth, &source) }
        return GraphClaimCase(
            problem: try GraphProblem(
                network: try GraphNetwork(architecture, values: values), inputs: inputs,
                targets: Matrix(rows: architecture.outputWidth, columns: examples) { targets[$1][$0] }, loss: loss,
                learningRate: alpha), features: features)
    }
}

extension GraphClaimCase {
    /// A recurrent network unrolled in time, `hₜ = φ(Uxₜ + Vhₜ₋₁ + b)` from `h₀ = 0`, with a linear readout after the last
    /// step: one kernel in every step.
    static let recurrent = Generator<GraphClaimCase> { source in
        let steps = try source.draw(.int(in: 2...5))
        let (inputs, width, outputs) = (
            try source.draw(.int(in: 1...3)), try source.draw(.int(in: 1...6)), try source.draw(.int(in: 1...4)))
        let activation = try source.draw(.element(of: Activation.allCases))
        let bias = try source.draw(.bool()) ? "b" : nil
        let nodes = (0..<steps).map { t in
            let slice = MapDescription("slice", ["start": .number(Double(t * inputs)), "length": .number(Double(inputs))])
            var edges = [EdgeDescription(from: "x", [slice, .dense("u", bias)])]
            if t > 0 { edges.append(EdgeDescription(from: "h\(t)", [.dense("v", nil)])) }
            return NodeDescription(name: "h\(t + 1)", activation: activation, edges: edges)
        }
        let readout = EdgeDescription(from: "h\(steps)", [.dense("w", "d")])
        let graph = GraphDescription(
            input: "x", inputShape: [steps * inputs],
            nodes: nodes + [NodeDescription(name: "o", activation: .identity, edges: [readout])], output: "o")
        var shapes = [("u", [width, inputs]), ("v", [width, width]), ("w", [outputs, width]), ("d", [outputs])]
        if let bias { shapes.append((bias, [width])) }
        return try make(graph, shapes, examples: 1, features: ["steps": Double(steps), "width": Double(width)], &source)
    }

    static let recurrentInWords = """
        recurrent networks unrolled over 2 to 5 steps, one shared kernel, linear readout after the last; 1–3 inputs a step, \
        1–6 units, 1–4 outputs; all seven activations, all three losses, with and without bias; mini-batch 1; α log-uniform \
        over 10⁻⁴–10⁴; weights normal with standard deviation scale/√(fan-in), scale log-uniform over 0.1–2; inputs normal
        """

    /// One or two convolutions and a linear layer on their rates.
    static let convolutional = Generator<GraphClaimCase> { source in
        let activation = try source.draw(.element(of: Activation.allCases))
        let count = try source.draw(.int(in: 1...2))
        var channels = try source.draw(.int(in: 1...3))
        var image = [try source.draw(.int(in: 1...6)), try source.draw(.int(in: 1...6))]
        let inputShape = [channels] + image
        var nodes: [NodeDescription] = []
        var shapes: [(String, [Int])] = []
        var places = 0
        for n in 1...count {
            let kernel = [
                try source.draw(.int(in: 1...min(3, image[0]))), try source.draw(.int(in: 1...min(3, image[1]))),
            ]
            let stride = try source.draw(.int(in: 1...2))
            let made = try source.draw(.int(in: 1...4))
            nodes.append(
                NodeDescription(
                    name: "c\(n)", activation: activation,
                    edges: [
                        EdgeDescription(
                            from: n == 1 ? "x" : "c\(n - 1)",
                            [.convolution("k\(n)", "b\(n)", [stride, stride], [0, 0])])
                    ]))
            shapes += [("k\(n)", [made, channels] + kernel), ("b\(n)", [made])]
            (channels, image) = (made, [0, 1].map { (image[$0] - kernel[$0]) / stride + 1 })
            places = max(places, image[0] * image[1])
        }
        let outputs = try source.draw(.int(in: 1...4))
        nodes.append(
            NodeDescription(
                name: "o", activation: .identity,
                edges: [EdgeDescription(from: "c\(count)", [MapDescription("flatten"), .dense("w", "d")])]))
        shapes += [("w", [outputs, channels * image[0] * image[1]]), ("d", [outputs])]
        let examples = try source.draw(.int(in: 1...3))
        return try make(
            GraphDescription(input: "x", inputShape: inputShape, nodes: nodes, output: "o"), shapes, examples: examples,
            features: ["places": Double(places), "mini-batch": Double(examples)], &source)
    }

    static let convolutionalInWords = """
        one or two convolutions with bias and a linear layer; images of 1–6 × 1–6 pixels and 1–3 channels, kernels of up to \
        3 × 3, stride 1 or 2, 1–4 channels made, 1–4 outputs; all seven activations, all three losses; mini-batch 1–3; α \
        log-uniform over 10⁻⁴–10⁴; weights normal with standard deviation scale/√(fan-in), scale log-uniform over 0.1–2; \
        inputs normal
        """
}

/// An exact update of a graph, with the certifier's word.
struct GraphExactUpdate {
    let problem: GraphProblem
    let report: SolveReport

    /// - Throws: `Discard` where the update was not certified or is zero.
    init(_ problem: GraphProblem, _ context: inout CaseContext) throws {
        self.problem = problem
        guard problem.gradient(after: problem.network.architecture.zero).norm > 0 else { throw Discard("nothing to learn") }
        report = try GraphSolver().solve(problem)
        let certificate = GraphCertifier(tolerance: report.tolerance).certify(report.update, for: problem)
        guard certificate.isExact, report.update.norm > 0, report.objective < report.lossBefore else {
            context.measure(ClaimCondition.unsolved, 1)
            throw Discard("no exact update: \(certificate.refusal?.name ?? report.outcome.name)")
        }
    }

    /// The distances of `DistanceMeasure` under the rule's name.
    func measureDistances(_ name: String, of update: Parameters<Double>?, _ context: inout CaseContext) {
        guard let update else {
            return context.recordNoUpdate(name, DistanceMeasure.allCases.map { "\($0.rawValue) \(name)" })
        }
        guard update.norm.isFinite else {
            for measure in DistanceMeasure.allCases { context.measure("\(measure.rawValue) \(name)", .infinity) }
            return
        }
        context.measure("distance \(name)", UpdateDistance(of: update, to: report.update).relativeDistance)
        context.measure("angle \(name)", update.angle(to: report.update))
        let gap = (problem.objective(after: update) - report.objective) / (report.lossBefore - report.objective)
        context.measure("gap \(name)", gap.isNaN ? .infinity : gap)
    }
}

extension MapDescription {
    /// A dense map.
    static func dense(_ weight: String, _ bias: String?, transposed: Bool = false) -> MapDescription {
        var settings: [String: MapSetting] = ["weight": .text(weight), "transposed": .boolean(transposed)]
        if let bias { settings["bias"] = .text(bias) }
        return MapDescription("dense", settings)
    }

    /// A convolution with bias.
    static func convolution(_ weight: String, _ bias: String, _ stride: [Int], _ padding: [Int]) -> MapDescription {
        MapDescription(
            "convolution",
            ["weight": .text(weight), "bias": .text(bias), "stride": .integers(stride), "padding": .integers(padding)])
    }
}
