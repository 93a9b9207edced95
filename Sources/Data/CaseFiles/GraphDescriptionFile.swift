internal import Files
public import Graphs
public import Networks

/// A graph to be trained, as a file: the JSON of `docs/how-to/describe-a-graph.md` with the shapes of its tensors.
public struct GraphDescriptionFile: Sendable {
    public let path: String
    public let architecture: GraphArchitecture
    /// The loss, where the file names one.
    public let loss: Loss?

    /// The most bytes of a file that are read.
    private static let byteLimit = 1 << 24

    /// - Parameter path: a text file.
    /// - Throws: `CaseFileError.unreadable`; `graph` for anything but a graph that can be made, each of whose tensors has a
    ///   shape and is used.
    public init(path: String) throws(CaseFileError) {
        let text = try Self.text(of: path)
        let parsed: GraphJSON
        do throws(GraphJSON.Malformed) {
            parsed = try GraphJSON(text)
        } catch {
            throw .graph(file: path, reason: error.reason)
        }
        guard let tensors = parsed.tensors else {
            throw .graph(
                file: path,
                reason: "has no \"tensors\", expected the shape of each, such as {\"conv1.weight\": [64, 3, 5, 5]}")
        }
        do throws(GraphError) {
            architecture = try GraphArchitecture(parsed.description, tensors: tensors)
        } catch {
            throw .graph(file: path, reason: error.description)
        }
        if let unused = Set(tensors.keys).subtracting(architecture.tensors.map(\.name)).min() {
            throw .unusedTensor(file: path, tensor: unused)
        }
        self.path = path
        loss = parsed.loss
    }

    private static func text(of path: String) throws(CaseFileError) -> String {
        do throws(FileError) {
            let file = try RegularFile(path: path)
            guard file.size <= byteLimit else {
                throw FileError(path, .read, reason: "\(file.size) bytes; expected at most \(byteLimit)")
            }
            return String(decoding: try file.contents(), as: UTF8.self)
        } catch {
            throw .unreadable(error.description)
        }
    }
}
