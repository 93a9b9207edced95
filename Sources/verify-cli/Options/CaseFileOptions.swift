import ArgumentParser
import CaseFiles
import ImplicitSGD
import Networks

/// One activation for all hidden layers, or a comma-separated list with one for each.
struct ActivationList: ExpressibleByArgument {
    let names: [Activation]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        names = parts.compactMap { Activation(rawValue: String($0)) }
        guard names.count == parts.count, !names.isEmpty else { return nil }
    }
}

/// What a case file cannot say of itself.
struct CaseFileOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Hidden activation, or one for each hidden layer separated by commas: "
                + Activation.allCases.map(\.name).joined(separator: ", ") + ".",
            discussion: "Default: 'activation' in the file's metadata, else relu.",
            valueName: "names"))
    var activation: ActivationList?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Loss: \(Loss.allCases.map(\.name).joined(separator: ", ")).",
            discussion: "Default: 'loss' in the file's metadata, else softmax-cross-entropy."))
    var loss: Loss?

    func load(_ path: String) throws -> CaseFile {
        let file = try CaseFile(path: path, activations: activation?.names, loss: loss)
        if file.activationOrigin == .standard, file.network.architecture.depth > 1 {
            report("Note: no --activation given; taking \(CaseFile.standardActivation.name).")
        }
        if file.lossOrigin == .standard {
            report("Note: no --loss given; taking \(CaseFile.standardLoss.name).")
        }
        return file
    }
}

/// What case files are, for the help of every command that reads one.
let caseFileHelp = """
    CASE is a safetensors file (F64 or F32) with layers.N.weight (out × in, N = 0, 1, …), optional \
    layers.N.bias (out), x (B × in) and y (B × out; for softmax one-hot or probabilities). \
    Tensors named extra.… are ignored; any other name is an error. From PyTorch:

    tensors = {f'layers.{n}.{k}': p for n, layer in enumerate(linear_layers)
               for k, p in layer.state_dict().items()}
    save_file(tensors | {'x': x, 'y': y}, 'case.safetensors')
    """
