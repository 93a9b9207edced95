/// Why a graph of layers cannot be made. Every message names the node and says what was expected.
public enum GraphError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two nodes, or a node and the input, have the same name.
    case repeatedName(String)
    /// A node takes its rates from one that does not stand before it.
    case unknownSource(node: String, source: String)
    /// A node has no incoming edge.
    case noEdges(node: String)
    /// The output is not the last node, or there is no node.
    case output(found: String, last: String?)
    /// The output node has an activation of its own.
    case outputActivation(node: String, found: String)
    /// A node from which no path leads to the output.
    case unusedNode(String)
    /// A map that nothing here can do exactly, or does not exist.
    case unknownMap(node: String, kind: String, known: [String])
    /// A setting of a map is missing, wrong, or means nothing to it.
    case setting(node: String, map: String, name: String, reason: String)
    /// A map cannot be applied to what it is given, or edges of a node differ in shape.
    case shape(node: String, reason: String)
    /// An edge with two maps that have parameters: it would not be linear in them.
    case twoParametricMaps(node: String, source: String)
    /// A tensor that a map names is not there.
    case missingTensor(node: String, tensor: String)
    /// A tensor has another shape than its use demands.
    case tensorShape(node: String, tensor: String, expected: [Int], found: [Int])
    /// A tensor is used as two different things.
    case sharedAsOther(node: String, tensor: String, first: String, now: String)
    /// No map has parameters.
    case noParameters
    /// The input has no dimension, or one that is not positive, or is too large.
    case inputShape([Int])
    /// A batch does not fit the graph.
    case batch(what: String, expected: Int, found: Int)
    /// A weight is not finite.
    case notFinite(tensor: String)

    public var description: String {
        switch self {
        case .repeatedName(let name): "node \"\(name)\": the name is used twice, expected unique names"
        case .unknownSource(let node, let source):
            "node \"\(node)\" takes rates from \"\(source)\", which is neither the input nor a node before it; list nodes in topological order"
        case .noEdges(let node): "node \"\(node)\" has no incoming edge, expected at least one in \"from\""
        case .output(let found, let last):
            last.map { "the output is \"\(found)\", expected the last node, \"\($0)\"" } ?? "the graph has no nodes"
        case .outputActivation(let node, let found):
            "node \"\(node)\" is the output and has activation \(found), expected identity: the loss takes the logits"
        case .unusedNode(let name): "node \"\(name)\": no path leads from it to the output; leave it out"
        case .unknownMap(let node, let kind, let known):
            "node \"\(node)\": map \"\(kind)\" is not one that this can do exactly; known: \(known.joined(separator: ", "))"
        case .setting(let node, let map, let name, let reason): "node \"\(node)\", \(map), \"\(name)\": \(reason)"
        case .shape(let node, let reason): "node \"\(node)\": \(reason)"
        case .twoParametricMaps(let node, let source):
            "node \"\(node)\": the edge from \"\(source)\" has two maps with parameters, expected at most one; put a node between them, with activation identity"
        case .missingTensor(let node, let tensor): "node \"\(node)\": there is no tensor \"\(tensor)\""
        case .tensorShape(let node, let tensor, let expected, let found):
            "node \"\(node)\": tensor \"\(tensor)\" has shape \(found), expected \(expected)"
        case .sharedAsOther(let node, let tensor, let first, let now):
            "node \"\(node)\": tensor \"\(tensor)\" is \(now) here and \(first) elsewhere; a shared tensor must be used in one way"
        case .noParameters: "no map of the graph has parameters"
        case .inputShape(let shape): "the input has shape \(shape), expected one to three positive dimensions"
        case .batch(let what, let expected, let found): "\(what): expected \(expected), found \(found)"
        case .notFinite(let tensor): "tensor \"\(tensor)\" contains NaN or infinite values"
        }
    }
}
