internal import Documents

/// One theorem or claim of a report: what it says as formulas, its verdict, and facts about it.
struct Article {
    /// How a verdict is coloured.
    enum Tone: String {
        case good, bad, unsure
    }

    let name: String
    let title: String
    let verdict: String
    let tone: Tone
    /// Markup.
    let statement: String
    /// Names with markup.
    let facts: [(String, String)]
    /// Paragraphs below.
    var remarks: [String] = []

    var markup: String {
        let list = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined(separator: "\n")
        let paragraphs = remarks.map { "\n<p class=\"quiet\">\($0.xmlEscaped)</p>" }.joined()
        return """
            <article id="\(name)" class="theorem" aria-labelledby="\(name)-heading">
            <h3 id="\(name)-heading">\(name) \(title.xmlEscaped) \
            <span class="verdict \(tone.rawValue)">\(verdict.xmlEscaped)</span></h3>
            <div class="statement scroll" role="region" tabindex="0" aria-label="Statement of \(name)">\
            \(statement)</div>
            <dl>
            \(list)
            </dl>\(paragraphs)
            </article>
            """
    }
}
