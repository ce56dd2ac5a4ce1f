// The look of a report: system fonts, light and dark, one column on a phone, black on white in print.

package enum ReportStyle {
    package static let css = """
        :root{color-scheme:light dark;--page:#f4f5f8;--sheet:#fff;--ink:#12151c;--soft:#545b6b;--line:#d5dae3;\
        --chart-1:#8a6100;--chart-2:#0072b2;--chart-2-deep:#00507d}
        @media (prefers-color-scheme:dark){:root{--page:#0d0f14;--sheet:#171a21;--ink:#f1f3f7;--soft:#a9b0bf;--line:#2f3542;\
        --chart-1:#e69f00;--chart-2:#56b4e9;--chart-2-deep:#9ad4f7}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Helvetica Neue",Arial,sans-serif}
        main{max-width:860px;margin:0 auto;padding:24px 16px 48px}
        h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:18px;margin:28px 0 8px;text-transform:capitalize}
        p{margin:0 0 8px}
        .soft{color:var(--soft);font-size:14px}
        .code{font-family:ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
        .tiles{list-style:none;margin:20px 0;padding:0;display:flex;flex-wrap:wrap;gap:12px}
        .tiles li{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:14px 16px;display:grid;align-content:start;\
        flex:1 1 150px;min-width:min-content;max-width:100%}
        .tiles b{font-size:22px;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums;overflow-wrap:break-word;display:flex;\
        flex-wrap:wrap;align-items:baseline}
        .tiles small{font-size:15px;font-weight:500}
        figure{background:var(--sheet);border:1px solid var(--line);border-radius:12px;margin:0 0 16px;padding:14px 16px}
        figcaption{font-weight:650;display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline}
        .legend{font-weight:400;font-size:14px;color:var(--soft);display:inline-flex;gap:4px 8px;align-items:center;flex-wrap:wrap}
        .key{display:inline-block;width:14px;height:12px;margin-left:8px}
        .key.asked{border:2px solid var(--chart-1)}.key.received{background:var(--chart-2)}
        .key.curve{height:0;border-top:3px solid var(--chart-2)}
        .picture{overflow-x:auto;border-radius:6px}
        :focus-visible{outline:3px solid var(--chart-2);outline-offset:3px}
        svg{display:block;width:100%;min-width:520px;height:auto;font-size:12px}
        svg text{fill:var(--soft);font-variant-numeric:tabular-nums}
        .amount{text-anchor:end}.name{text-anchor:middle}
        .grid{stroke:var(--line)}.zero{stroke:var(--ink);stroke-width:1.5}
        rect.asked{fill:none;stroke:var(--chart-1);stroke-width:1.5}
        rect.received{fill:var(--chart-2)}
        .curve{fill:none;stroke:var(--chart-2);stroke-width:3;stroke-linejoin:round}
        summary{cursor:pointer;color:var(--soft);font-size:14px;padding:6px 0}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
        th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        th:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:8.5em;max-width:26em;font-weight:400}
        thead th{font-weight:650}tbody tr:last-child>*{font-weight:650}
        .notes{margin-top:28px}
        @media print{body{background:#fff;color:#000}figure,.tiles li{break-inside:avoid}}

        """
}
