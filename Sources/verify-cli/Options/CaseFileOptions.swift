import ArgumentParser
import CaseFiles
import Networks

/// What a case file cannot say of itself.
struct CaseFileOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Hidden activation, or one for each hidden layer separated by commas: "
                + "\(CommaSeparated<Activation>.knownNames).",
            discussion: "Default: 'activation' in the file's metadata. Networks with hidden layers need one of the two.",
            valueName: "names"),
        transform: CommaSeparated.names)
    var activation: CommaSeparated<Activation>?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Loss.",
            discussion: "Default: 'loss' in the file's metadata, else softmax-cross-entropy."))
    var loss: Loss?

    func load(_ path: String) throws -> CaseFile {
        let file = try CaseFile(path: path, activations: activation?.values, loss: loss)
        if file.lossOrigin == .standard {
            report("Note: no --loss given; taking \(CaseFile.standardLoss.name).")
        }
        return file
    }

    /// A chain or a graph, whichever the file holds.
    func loadAny(_ path: String) throws -> UserCase {
        let file = try UserCase(path: path, activations: activation?.values, loss: loss)
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
