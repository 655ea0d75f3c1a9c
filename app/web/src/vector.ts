/** The renderer of SVG, apart from all else, since it is needed only for saving a picture. */
export { SVGRenderer } from "echarts/renderers";
