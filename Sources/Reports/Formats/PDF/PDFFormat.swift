internal import Documents

/// A report as pages of A4.
struct PDFFormat {
    private let document: ReportDocument

    init(_ document: ReportDocument) { self.document = document }

    func bytes() throws(ReportFailure) -> [UInt8] {
        do throws(DocumentError) {
            let canvas = try PDFCanvas(
                width: PDFTheme.pageWidth,
                height: PDFTheme.pageHeight,
                metadata: metadata
            )
            var layout = PDFLayout(canvas)
            layout.cover(document)
            for section in document.sections { layout.section(section, of: document) }
            layout.definitions(document.definitions)
            for (index, page) in layout.pages.enumerated() {
                var page = page
                frame(&page, number: index + 1, of: layout.pages.count)
                page.draw(on: canvas)
                for entry in page.outline {
                    canvas.addOutline(entry.title, page: index + 1, y: entry.y)
                }
                canvas.endPage()
            }
            return try canvas.finish()
        } catch {
            throw ReportFailure(error.description)
        }
    }

    private var period: String {
        document.facts.first { $0.name == "period" }?.text ?? ""
    }

    private var metadata: PDFCanvas.Metadata {
        PDFCanvas.Metadata(
            title: document.title,
            subject: "Analytics of \(period)",
            keywords: "data version \(document.dataVersion), SHA-256 of figures \(document.sha256)",
            creator: "botstats",
            // What it is made from is as old as its data, and so is it: the time of making would
            // make every file a different one.
            createdAt: document.dataAsOf ?? "1970-01-01T00:00:00+00:00"
        )
    }

    /// What stands at the top and the bottom of each page.
    private func frame(_ page: inout PDFPage, number: Int, of count: Int) {
        let (left, right) = (PDFTheme.margin, PDFTheme.margin + PDFTheme.contentWidth)
        func rule(_ y: Double) {
            page.items.append(
                .stroke(
                    [ChartDrawing.Point(x: left, y: y), ChartDrawing.Point(x: right, y: y)],
                    width: 0.6,
                    PDFTheme.line
                )
            )
        }
        func write(
            _ text: String,
            _ style: TextStyle,
            x: Double,
            y: Double,
            width: Double,
            _ alignment: TextAlignment
        ) {
            let box = PDFPage.TextBox(x: x, y: y, width: width, alignment: alignment, isCut: true)
            page.items.append(.text(text, box, style))
        }
        let half = PDFTheme.contentWidth / 2
        if number > 1 {
            write(document.title, PDFTheme.small, x: left, y: 30, width: half + 60, .leading)
            write(period, PDFTheme.small, x: left + half + 70, y: 30, width: half - 70, .trailing)
            rule(45)
        }
        let y = PDFTheme.bottom + 14
        rule(y)
        write(
            "Data version \(CellText.grouped(document.dataVersion))",
            PDFTheme.tiny,
            x: left,
            y: y + 6,
            width: 110,
            .leading
        )
        write(
            "SHA-256 \(document.sha256)",
            PDFTheme.hash,
            x: left + 115,
            y: y + 7,
            width: PDFTheme.contentWidth - 185,
            .leading
        )
        write(
            "Page \(number) of \(count)",
            PDFTheme.tiny,
            x: right - 65,
            y: y + 6,
            width: 65,
            .trailing
        )
    }
}
