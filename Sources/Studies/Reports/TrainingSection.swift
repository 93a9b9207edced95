internal import Documents
internal import RunStore
internal import TrainingStudies

/// The section of a report on training: the studies whose runs a result store holds, with their findings
/// on the claims C5–C8 and C11.
public struct TrainingSection: Sendable {
    let store: String
    private let studies: [Document]
    private let remarks: [String]

    /// Reads the store, which is closed again when this returns.
    ///
    /// - Throws: `StoreError`.
    public init(store path: String) throws {
        let store = try ResultStore(reading: path)
        let stored = try StoredStudies(in: store)
        self.store = path
        studies = try stored.studies.map { try $0.document(store) }
        remarks = stored.remarks
    }

    /// A table of more lines is folded: its chart says the same.
    private static let longest = 30

    func section(_ pictures: ReportPictures) throws -> HTMLPage.Section {
        var elements: [HTMLPage.Element] = []
        if studies.isEmpty {
            elements.append(.paragraph("\(store) holds no finished run of a study of training."))
        } else {
            elements.append(
                .paragraph(
                    "Studies whose runs \(store) holds: runs that differ in rule, learning rate and seed only. A "
                        + "finding is judged by a criterion that was declared before and stands below the table. "
                        + "Runs that diverged are results and are counted."))
        }
        elements += remarks.map { .paragraph($0) }
        if let findings = try FindingsOverview.table(studies) { elements.append(.table(findings)) }
        for (index, document) in studies.enumerated() {
            elements += try self.elements(document, number: index + 1, pictures)
        }
        return HTMLPage.Section("training", heading: "Training", elements: elements)
    }

    private func elements(
        _ document: Document, number: Int, _ pictures: ReportPictures
    ) throws -> [HTMLPage.Element] {
        var elements: [HTMLPage.Element] = [
            .heading("Study \(number): \(document.title)"), .paragraph(document.provenance.line + "."),
        ]
        var heading: HTMLPage.Element?
        for block in document.blocks {
            switch block {
            case .section(let text):
                heading = .subheading(text)
                continue
            case .table(let table) where FindingsOverview.isFindings(table): continue
            case .paragraph(let text):
                elements += [heading, .paragraph(text)].compactMap(\.self)
            case .table(let table):
                let part = Document(
                    title: document.title, provenance: document.provenance, blocks: [block])
                let charts = try StudyCharts.charts(of: part).map(pictures.figure)
                let shown: HTMLPage.Element =
                    table.rows.count > Self.longest
                    ? .folded("\(table.title): \(table.rows.count) lines", [.table(table)]) : .table(table)
                elements += [heading].compactMap(\.self) + charts + [shown]
            }
            heading = nil
        }
        return elements
    }
}
