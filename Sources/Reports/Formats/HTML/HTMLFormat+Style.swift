extension HTMLFormat {
    /// The file's style: light or dark as the reader's system is, light on paper.
    static let style = """

        :root { --paper: #ffffff; --ink: #1d2433; --muted: #667085; --line: #e3e7ee;
          --panel: #f6f8fb; --good: #16794c; --bad: #b42318; --heat-ink: #1f66d1;
          --c0: #1f66d1; --c1: #0f9d8a; --c2: #e08600; --c3: #8b5cf6; --c4: #d6336c; --c5: #6b7280; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14171f; --ink: #e6e9ef; --muted: #98a2b3; --line: #2c3340;
            --panel: #1c212c; --good: #4ccb8e; --bad: #ff8078; --heat-ink: #3b82f6;
            --c0: #6ea8fe; --c1: #3fd0bd; --c2: #ffb454; --c3: #b39dff; --c4: #ff8fb3;
            --c5: #a3adbd; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 "Noto Sans", system-ui, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
        h1 { font-size: 30px; line-height: 1.2; margin: 0 0 16px; }
        h2 { font-size: 21px; margin: 48px 0 12px; padding-bottom: 6px;
          border-bottom: 2px solid var(--line); }
        h3 { font-size: 15px; margin: 28px 0 8px; }
        header dl { display: flex; flex-wrap: wrap; gap: 10px 32px; margin: 0 0 24px; }
        dt { color: var(--muted); font-size: 12px; } header dd { margin: 0; font-size: 14px; }
        .highlights { list-style: none; display: grid; gap: 12px; margin: 0; padding: 0;
          grid-template-columns: repeat(4, minmax(0, 1fr)); }
        @media (max-width: 720px) { .highlights { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
        .highlights li { background: var(--panel); border: 1px solid var(--line);
          border-radius: 8px; padding: 14px 16px; display: flex; flex-direction: column; }
        .highlights span { color: var(--muted); font-size: 13px; }
        .highlights strong { font-size: 25px; line-height: 1.35; }
        .highlights em { font-style: normal; font-size: 13px; }
        .good { color: var(--good); } .bad { color: var(--bad); } .neutral { color: var(--muted); }
        .charts { display: grid; gap: 20px;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); }
        figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
        figcaption { font-weight: 600; font-size: 14px; margin-bottom: 6px; }
        svg { display: block; width: 100%; height: auto; font-family: inherit; }
        svg text { fill: var(--ink); } svg .muted { fill: var(--muted); }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
        .s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); }
        .f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); }
        .f3 { fill: var(--c3); } .f4 { fill: var(--c4); } .f5 { fill: var(--c5); }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px;
          font-variant-numeric: tabular-nums; }
        th, td { padding: 5px 10px; text-align: left; border-bottom: 1px solid var(--line);
          white-space: nowrap; }
        th { color: var(--muted); font-weight: 600; white-space: normal; vertical-align: bottom; }
        .n { text-align: right; }
        tfoot td { font-weight: 700; border-top: 2px solid var(--line); }
        .heat { background: color-mix(in srgb, var(--heat-ink) calc(var(--heat) * 0.75),
          transparent); }
        .note { color: var(--muted); font-size: 12.5px; margin: 6px 0 0; }
        .definitions dt { color: var(--ink); font-weight: 600; font-size: 13.5px; }
        .definitions dd { margin: 0 0 8px; color: var(--muted); font-size: 13.5px; }
        footer { margin-top: 40px; color: var(--muted); font-size: 12px;
          overflow-wrap: anywhere; }
        @media print {
          :root { --paper: #ffffff; --ink: #1d2433; --muted: #667085; --line: #d5dae3;
            --panel: #f6f8fb; --good: #16794c; --bad: #b42318; --heat-ink: #1f66d1;
            --c0: #1f66d1; --c1: #0f9d8a; --c2: #e08600; --c3: #8b5cf6; --c4: #d6336c;
            --c5: #6b7280; }
          @page { size: A4; margin: 16mm 14mm; }
          body { font-size: 12px; -webkit-print-color-adjust: exact;
            print-color-adjust: exact; }
          main { max-width: none; padding: 0; }
          h2, h3 { break-after: avoid; } figure, tr, .highlights li { break-inside: avoid; }
          thead { display: table-header-group; } tfoot { display: table-row-group; }
          .scroll { overflow: visible; } table { font-size: 11px; } }

        """
}
